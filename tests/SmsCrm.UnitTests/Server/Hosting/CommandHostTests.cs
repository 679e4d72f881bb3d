using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SmsCrm.Server.Hosting;

namespace SmsCrm.UnitTests.Server.Hosting;

public sealed class CommandHostTests
{
    [Fact]
    public async Task A_command_logs_from_warnings_on_though_the_server_is_shipped_to_say_more()
    {
        using var host = await CommandHost.BuildAsync(static (_, _) => { });

        var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("SmsCrm.Pipeline.Anything");

        Assert.Equal((false, true), (logger.IsEnabled(LogLevel.Information), logger.IsEnabled(LogLevel.Warning)));
    }

    [Fact]
    public async Task What_the_environment_says_about_logs_wins()
    {
        const string Category = "SmsCrm.UnitTests.CommandHostTests";
        Environment.SetEnvironmentVariable($"Logging__LogLevel__{Category}", "Debug");
        try
        {
            using var host = await CommandHost.BuildAsync(static (_, _) => { });

            var loggers = host.Services.GetRequiredService<ILoggerFactory>();

            Assert.True(loggers.CreateLogger(Category).IsEnabled(LogLevel.Debug));
            Assert.False(loggers.CreateLogger("SmsCrm.Pipeline.Anything").IsEnabled(LogLevel.Information));
        }
        finally
        {
            Environment.SetEnvironmentVariable($"Logging__LogLevel__{Category}", null);
        }
    }

    [Fact]
    public async Task The_default_level_of_the_environment_wins_too()
    {
        // What the server is shipped with, so that it changes nothing for tests beside this one.
        Environment.SetEnvironmentVariable("Logging__LogLevel__Default", "Information");
        try
        {
            using var host = await CommandHost.BuildAsync(static (_, _) => { });

            var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("SmsCrm.Pipeline.Anything");

            Assert.True(logger.IsEnabled(LogLevel.Information));
        }
        finally
        {
            Environment.SetEnvironmentVariable("Logging__LogLevel__Default", null);
        }
    }
}
