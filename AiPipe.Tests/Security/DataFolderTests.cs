using System.Runtime.Versioning;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Tests.Fixtures;

namespace AiPipe.Tests.Security;

/// <summary>Who else on the machine may read or change what the gateway stores.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DataFolderTests(PostgresFixture postgres)
{
    private const UnixFileMode Others =
        UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    [Theory]
    [InlineData("777")]
    [InlineData("775")]
    [InlineData("722")]
    [InlineData("707")]
    public async Task Folder_that_others_can_write_to_is_tightened_and_journal_files_are_the_owners(string mode)
    {
        var folder = Scratch.NewFolder("rights");
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, (UnixFileMode)Convert.ToInt32(mode, 8));
        await using var gateway = await Gateway.StartAsync(await postgres.NewDatabaseAsync(), folder: folder);
        (await gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions", """{"model":"gpt-4o-mini","messages":[]}"""))).Dispose();

        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(folder) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite));
        var files = Directory.GetFiles(folder, "*.jsonl", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        Assert.All(files, static file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void New_folder_is_the_owners()
    {
        var folder = Path.Combine(Scratch.NewFolder("rights"), "new");
        DataFolder.Create(folder);
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(folder) & Others);
    }
}
