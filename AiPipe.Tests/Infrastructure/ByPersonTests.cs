using AiPipe.Proxy.Infrastructure;

namespace AiPipe.Tests.Infrastructure;

public sealed class ByPersonTests
{
    [Theory]
    [InlineData("ann@example.com", "ann@example.com")]
    [InlineData(" ANN@Example.COM", "ann@example.com")]
    [InlineData("bob@example.com", "@example.com")]
    [InlineData("\"a@b\"@example.com", "@example.com")]
    [InlineData("@example.com", "@example.com")]
    [InlineData("ann@sub.example.com", "*")]
    [InlineData("ann@example.com@elsewhere.example", "*")]
    [InlineData("ann@", "*")]
    [InlineData("example.com", "*")]
    [InlineData("no-address", "*")]
    [InlineData("", "*")]
    // Two letters with the same capital one (the micro sign and a Greek letter) are two people.
    [InlineData("\u03BC@example.com", "\u03BC@example.com")]
    [InlineData("\u00B5@example.com", "@example.com")]
    public void Most_specific_name_wins(string email, string name)
    {
        var values = Named("*", "@Example.com", "Ann@example.com", "\u03BC@example.com", "@elsewhere.example.com");
        Assert.Equal((name, name), values.Find(email));
    }

    [Theory]
    [InlineData("ann@example.com", true)]
    [InlineData("ann@example.org", false)]
    [InlineData("example.com", false)]
    [InlineData("@", false)]
    [InlineData("", false)]
    public void Without_a_name_for_everyone_others_have_no_value(string email, bool found) =>
        Assert.Equal(found, Named("@example.com").Find(email) is not null);

    [Fact]
    public void Without_names_nobody_has_a_value() => Assert.Null(Named().Find("ann@example.com"));

    [Fact]
    public void Default_of_a_value_type_is_a_value() =>
        Assert.Equal(("*", 0), new ByPerson<int> { ["*"] = 0 }.Find("ann@example.com"));

    [Fact]
    public void Last_value_of_a_name_counts_in_any_spelling()
    {
        var values = new ByPerson<int> { ["Ann@example.com"] = 1, [" ann@EXAMPLE.com"] = 2 };
        Assert.Equal(("ann@example.com", 2), values.Find("ann@example.com"));
        Assert.Equal(["ann@example.com"], values.Names);
    }

    [Theory]
    [InlineData("Ann@Example.com", "ann@example.com", "@example.com")]
    [InlineData("bob@example.com", null, "@example.com")]
    [InlineData("@example.com", "@example.com", "@example.com")]
    [InlineData("carl@example.org", null, null)]
    [InlineData("example.com", null, null)]
    public void Name_and_domain_can_be_read_on_their_own(string email, string? own, string? domain)
    {
        var values = Named("*", "@example.com", "ann@example.com");
        Assert.Equal((own is not null, own), (values.TryGet(email, out var value), value));
        Assert.Equal((domain is not null, domain), (values.TryGetOfDomain(email, out var ofDomain), ofDomain));
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("@example.com", true)]
    [InlineData("ann@example.com", true)]
    [InlineData("Together", false)]
    [InlineData("**", false)]
    public void Names_of_people_are_told_from_other_keys(string key, bool isName) => Assert.Equal(isName, ByPerson.IsName(key));

    private static ByPerson<string> Named(params string[] names)
    {
        var values = new ByPerson<string>();
        foreach (var name in names) values[name] = Email.Normalize(name);
        return values;
    }
}
