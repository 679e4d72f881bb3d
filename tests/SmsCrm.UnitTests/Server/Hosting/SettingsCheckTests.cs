using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SmsCrm.Server.Hosting;

namespace SmsCrm.UnitTests.Server.Hosting;

public sealed class SettingsCheckTests
{
    [Fact]
    public void The_defaults_are_right() => Assert.Empty(Errors([]));

    [Fact]
    public void Every_error_is_told_at_once_with_setting_value_and_range()
    {
        var errors = Errors(new()
        {
            ["SmsCrm:Server:HttpPort"] = "abc",
            ["SmsCrm:Server:GrpcPort"] = "99999",
            ["SmsCrm:Server:DrainSeconds"] = "0",
            ["SmsCrm:Server:BindAddress"] = "everywhere",
            ["SmsCrm:Server:Htppport"] = "1",
        });

        Assert.Equal(5, errors.Count);
        Assert.Contains("SmsCrm:Server:HttpPort is 'abc': it must be a whole number.", errors);
        Assert.Contains("SmsCrm:Server:GrpcPort is 99999: it must be from 1 to 65535.", errors);
        Assert.Contains("SmsCrm:Server:DrainSeconds is 0: it must be from 1 to 60.", errors);
        Assert.Contains(errors, error => error.StartsWith("SmsCrm:Server:BindAddress is 'everywhere': it must be an IP address", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("SmsCrm:Server:Htppport is not a setting: known are BindAddress, HttpPort", StringComparison.Ordinal));
    }

    [Fact]
    public void Ports_that_are_the_same_are_refused()
    {
        var error = Assert.Single(Errors(new() { ["SmsCrm:Server:GrpcPort"] = "8080" }));

        Assert.Contains("8080, 8080 and 9090: they must differ", error, StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> Errors(Dictionary<string, string?> settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddOptions<ServerOptions>().BindConfiguration(ServerOptions.Section);
        services.AddSingleton<IValidateOptions<ServerOptions>, ServerOptionsValidator>();
        return SettingsCheck.Errors(services);
    }
}
