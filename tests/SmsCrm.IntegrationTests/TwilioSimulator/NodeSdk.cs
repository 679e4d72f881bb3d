using SmsCrm.TestKit;
using SmsCrm.TwilioSimulator;

namespace SmsCrm.IntegrationTests.TwilioSimulator;

/// <summary>Runs <c>tests/conformance/messages.mjs</c>, once for all tests of the class, against a simulator of its own.</summary>
public sealed class NodeSdk : IAsyncLifetime
{
    /// <summary>Why the checks could not run here; null when they did.</summary>
    public string? Missing { get; private set; }

    /// <summary>What the checks found, by group.</summary>
    public ILookup<string, NodeCheck> Checks { get; private set; } = Array.Empty<NodeCheck>().ToLookup(check => check.Group);

    public async ValueTask InitializeAsync()
    {
        Missing = await NodeScripts.WhyNotAsync();
        if (Missing is not null)
            return;
        await using var simulator = await RunningSimulator.StartAsync();
        Checks = await NodeScripts.ChecksAsync(
            "messages.mjs", simulator.BaseAddress.ToString().TrimEnd('/'), SimulatedAccount.DemoSid, SimulatedAccount.DemoAuthToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
