using AiPipe.ServiceDefaults;
using Microsoft.Extensions.Configuration;

namespace AiPipe.Tests.ServiceDefaults;

public sealed class StaticConfigurationTests
{
    [Fact]
    public void No_file_is_watched_for_changes()
    {
        var builder = StaticConfiguration.CreateBuilder(["--urls=http://127.0.0.1:0"]);

        var files = ((IConfigurationBuilder)builder.Configuration).Sources.OfType<FileConfigurationSource>().ToList();

        Assert.NotEmpty(files);
        Assert.DoesNotContain(files, file => file.ReloadOnChange);
        Assert.Equal("http://127.0.0.1:0", builder.Configuration["urls"]);
    }
}
