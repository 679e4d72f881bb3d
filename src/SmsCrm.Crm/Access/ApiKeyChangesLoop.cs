using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace SmsCrm.Crm.Access;

/// <summary>Tells the cache of revocations and changed tenants: one small read a second, however many keys are in use.</summary>
internal sealed class ApiKeyChangesLoop(
    IApiKeyStore store, ApiKeyCache cache, IOptions<AccessOptions> options, TimeProvider clock, ILogger<ApiKeyChangesLoop> logger) : BackgroundService
{
    /// <summary>More than the time since the last word: a revocation may become visible after its own timestamp.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(30);

    private readonly TimeSpan _pause = TimeSpan.FromMilliseconds(options.Value.PollMs);
    private readonly TimeSpan _timeout = TimeSpan.FromMilliseconds(options.Value.LookupTimeoutMs);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_pause, clock);
        do
        {
            await ReadOnceAsync(stoppingToken).ConfigureAwait(false);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private async Task ReadOnceAsync(CancellationToken stopping)
    {
        try
        {
            using var deadline = new CancellationTokenSource(_timeout, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
            cache.Apply(await store.ChangesAsync(cache.SinceLastWord() + Overlap, either.Token).ConfigureAwait(false));
        }
        catch (Exception away) when (away is NpgsqlException or TimeoutException || (away is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            Log.NoWordOfKeys(logger, (int)cache.SinceLastWord().TotalSeconds, away.Message);
        }
    }
}
