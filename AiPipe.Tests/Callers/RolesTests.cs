using System.Text;
using AiPipe.Proxy.Callers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AiPipe.Tests.Callers;

public sealed class RolesTests
{
    private const string School = """
        { "Ann@Example.com": "Admin", "@staff.example.com": "teacher", "bob@staff.example.com": "person" }
        """;

    [Theory]
    [InlineData("ann@example.com", nameof(Role.Admin))]
    [InlineData("carl@staff.example.com", nameof(Role.Teacher))]
    [InlineData("bob@staff.example.com", nameof(Role.Person))]
    [InlineData("dora@example.com", nameof(Role.Person))]
    // Of an address with two, the last one parts name and domain
    [InlineData("x@staff.example.com@evil.example", nameof(Role.Person))]
    [InlineData("no-address", nameof(Role.Person))]
    public void Most_specific_name_wins(string email, string role) => Assert.Equal(role, Read(School).Of(email).ToString());

    [Theory]
    [InlineData("""{ "ann@example.com": "boss" }""", "AiPipe:Roles:ann@example.com must be \"person\", \"teacher\" or \"admin\".")]
    [InlineData("""{ "ann": "teacher" }""", "AiPipe:Roles:ann is not an e-mail address: write it like ann@example.com, or @example.com for a whole domain.")]
    [InlineData("""{ "@example.com": "admin" }""", "AiPipe:Roles:@example.com would make a whole domain admins: list admins by address.")]
    [InlineData("\"teacher\"", "AiPipe:Roles must be a group of roles by address: { \"ann@example.com\": \"teacher\" }.")]
    public void Wrong_role_is_named(string roles, string line) =>
        Assert.Equal(line, Assert.ThrowsAny<OptionsValidationException>(() => Read(roles)).Message);

    [Fact]
    public void Whoever_is_named_among_the_admins_stays_one()
    {
        var options = new TokenOptions
        {
            Admins = new HashSet<string>(StringComparer.Ordinal) { "bob@staff.example.com" },
            Roles = Read(School),
        };

        Assert.Equal(Role.Admin, options.RoleOf("bob@staff.example.com"));
    }

    private static Roles Read(string roles) => Roles.Read(new ConfigurationBuilder()
        .AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "AiPipe": { "Roles": {{roles}} } }"""))).Build().GetSection("AiPipe:Roles"));
}
