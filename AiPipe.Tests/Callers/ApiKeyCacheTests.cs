using AiPipe.Proxy.Accounts.Keys;
using AiPipe.Proxy.Callers;

namespace AiPipe.Tests.Callers;

public class ApiKeyCacheTests
{
    private readonly ApiKeyCache _book = new();

    [Fact]
    public void Key_is_found_by_its_text_until_it_has_another_or_is_gone()
    {
        var (id, first, second) = (Guid.NewGuid(), ApiKeyText.New(), ApiKeyText.New());
        Put(id, first);
        Assert.Equal(id, _book.Find(first)!.Caller.Key!.Id);
        Put(id, first);
        Assert.Equal(1, _book.Count);

        Put(id, second);
        Assert.Null(_book.Find(first));
        Assert.Equal(id, _book.Find(second)!.Caller.Key!.Id);
        _book.Remove(id);
        Assert.Null(_book.Find(second));
        Assert.Equal(0, _book.Count);
    }

    [Fact]
    public void What_is_no_key_is_not_found()
    {
        var text = ApiKeyText.New();
        Put(Guid.NewGuid(), text);
        Assert.Equal(46, text.Length);
        foreach (var other in (string[])[
            "", "sk-cfw", text[..^1], text + "0", text.ToUpperInvariant(), text[..^1] + "é", new string('x', 100_000)])
            Assert.Null(_book.Find(other));
    }

    [Fact]
    public void Finding_one_allocates_nothing()
    {
        var text = ApiKeyText.New();
        Put(Guid.NewGuid(), text);
        for (var i = 0; i < 100; i++) _book.Find(text);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) _book.Find(text);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 999);
    }

    private void Put(Guid id, string text)
    {
        Assert.True(ApiKeyText.TryHash(text, out var hash));
        _book.Put(id, KeyHash.Read(hash.ToBytes()), new KnownKey(ApiKey.CallerOf(id, "ann@example.com", budget: null), ExpiresAt: null));
    }
}
