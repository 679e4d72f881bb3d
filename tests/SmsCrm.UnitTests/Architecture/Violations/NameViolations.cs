// Names that break the rules. Never run: ArchitectureTests sees that each is reported.
#pragma warning disable CA1812

using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace SmsCrm.Pipeline.Violations;

internal interface IGate;

internal sealed class Words_RetryHelper;

internal sealed class Words_CommonNumbers;

internal sealed class HostedServices_Poller : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;
}

internal sealed class Gates_QuietHours : IGate;

internal sealed class Decisions_OfAGate
{
    public bool Decide() => true;
}

internal sealed class OptionSections_RetryOptions
{
    public const string Section = "SmsCrm:Elsewhere";
}

internal static class Wiring_Services
{
    public static IServiceCollection UseRetries(this IServiceCollection services) => services;

    public static IEndpointRouteBuilder UseRetries(this IEndpointRouteBuilder endpoints) => endpoints;
}

internal sealed class Namespaces_InAnotherProject;
