using System.Globalization;
using System.Net.Http.Json;
using Grpc.Core;
using Grpc.Net.Client;
using SmsCrm.Contracts.V1;
using SmsCrm.Server.Local;

namespace SmsCrm.Chaos;

/// <summary>
/// Sends texts through a whole local system while its parts are killed and the provider misbehaves, waits until everything has come to its end, and
/// compares what was acknowledged with the ledger and with the provider's own record.
/// </summary>
internal static class ChaosRun
{
    private static readonly Dictionary<string, string> Settings = new()
    {
        // As in production, but the reconciler asks sooner.
        ["SmsCrm__Reconciliation__UncertainAfterSeconds"] = "10",
        ["SmsCrm__Reconciliation__PollAfterSeconds"] = "20",
    };

    /// <param name="say">Told what is broken and when.</param>
    /// <exception cref="LocalServerException">A part did not come up again.</exception>
    /// <exception cref="TimeoutException">Not everything came to its end in time; says what is open.</exception>
    public static async Task<ChaosResult> RunAsync(ChaosOptions options, Action<string> say, CancellationToken cancellation)
    {
        var clock = TimeProvider.System;
        var folder = Path.GetFullPath(options.System.Folder);
        var keyFile = Path.Combine(folder, "demo-key");
        var started = clock.GetTimestamp();
        void Told(string what) => say(string.Create(CultureInfo.InvariantCulture, $"{clock.GetElapsedTime(started).TotalSeconds,7:0.0} s  {what}"));

        Told(string.Create(CultureInfo.InvariantCulture, $"seed {options.Seed}: {options.Messages} texts, broker {options.System.Kafka.ToString().ToLowerInvariant()}"));
        await using var system = await LocalSystem.StartAsync(
            options.System with
            {
                Roles = "ingest,record,crm",
                Settings = new Dictionary<string, string>(Settings.Concat(options.System.Settings)) { ["SmsCrm__Seed__DemoKeyFile"] = keyFile },
            },
            cancellationToken: cancellation).ConfigureAwait(false);
        await MisbehaveAsync(system, options, cancellation).ConfigureAwait(false);
        var faults = new Faults(system, options, Told);
        await faults.StartSendingAsync(cancellation).ConfigureAwait(false);
        try
        {
            var accepted = await SendAsync(system, options, faults, keyFile, Told, cancellation).ConfigureAwait(false);
            await using var reckoning = new Reckoning(system);
            await WaitForTheEndAsync(reckoning, accepted.Count, options.EndWithin, Told, clock, cancellation).ConfigureAwait(false);
            var result = await reckoning.CompareAsync([.. accepted.Values], cancellation).ConfigureAwait(false);
            Told(string.Create(CultureInfo.InvariantCulture, $"{result.Accepted} accepted: {Shown(result.ByState)}; the provider took {result.UncertainTaken} of the uncertain ones"));
            return result;
        }
        finally
        {
            await faults.StopSendingAsync().ConfigureAwait(false);
        }
    }

    private static async Task MisbehaveAsync(LocalSystem system, ChaosOptions options, CancellationToken cancellation)
    {
        using var http = new HttpClient();
        using var answer = await http.PutAsJsonAsync(
            new Uri(system.SimulatorAddress, "/_control/knobs"),
            new { drop = new { afterTakenRate = options.DroppedShare }, hold = new { afterTakenRate = options.UnansweredShare, forMs = 15_000 } },
            cancellation).ConfigureAwait(false);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>The texts come a share at a time, so that something is on its way at every fault.</summary>
    private static async Task<IReadOnlyDictionary<int, string>> SendAsync(
        LocalSystem system, ChaosOptions options, Faults faults, string keyFile, Action<string> say, CancellationToken cancellation)
    {
        var key = (await File.ReadAllTextAsync(keyFile, cancellation).ConfigureAwait(false)).Trim();
        using var channel = GrpcChannel.ForAddress(system.GrpcAddress);
        var sender = new UpstreamSender(
            new MessageIngest.MessageIngestClient(channel), new Metadata { { "authorization", $"Bearer {key}" } }, options.Messages, "chaos")
        { Released = 0 };
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var sending = sender.RunAsync(over.Token);
        var breaking = faults.CauseAsync(
            made => sender.Released = (int)((long)options.Messages * (made + 1) / (faults.Count + 1)), over.Token);
        if (await Task.WhenAny(sending, breaking).ConfigureAwait(false) is { IsFaulted: true } failed)
        {
            await over.CancelAsync().ConfigureAwait(false);
            await failed.ConfigureAwait(false);
        }

        await breaking.ConfigureAwait(false);
        var accepted = await sending.ConfigureAwait(false);
        say(string.Create(CultureInfo.InvariantCulture, $"{accepted.Count} accepted, {sender.Breaks} streams broken"));
        return accepted;
    }

    private static async Task WaitForTheEndAsync(
        Reckoning reckoning, int accepted, TimeSpan deadline, Action<string> say, TimeProvider clock, CancellationToken cancellation)
    {
        var since = clock.GetTimestamp();
        for (var round = 1; ; round++)
        {
            var (states, open) = await reckoning.ReadStatesAsync(cancellation).ConfigureAwait(false);
            if (open == 0 && states.Values.Sum() >= accepted)
            {
                return;
            }

            if (clock.GetElapsedTime(since) > deadline)
            {
                throw new TimeoutException($"not everything came to its end within {deadline}: {Shown(states)}, {accepted} accepted");
            }

            if (round % 10 == 0)
            {
                say($"waiting: {Shown(states)}");
            }

            await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellation).ConfigureAwait(false);
        }
    }

    private static string Shown(IReadOnlyDictionary<string, int> states) => string.Join(
        ", ", states.OrderBy(state => state.Key, StringComparer.Ordinal).Select(state => string.Create(CultureInfo.InvariantCulture, $"{state.Value} {state.Key}")));
}
