using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using SmsCrm.Crm.Access;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Reporting.Summary;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace SmsCrm.Server.Endpoints.Reports;

/// <summary>The progress streams that are open. Those of one campaign share its reading: each second costs one query, however many watch.</summary>
internal sealed class ProgressStreams(
    SummaryQueries summaries,
    ReportCache cache,
    IOptions<ReportsOptions> options,
    IOptions<JsonOptions> json,
    IHostApplicationLifetime lifetime,
    TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Less than the pause: whoever looks once a second sees something new each time.</summary>
    private static readonly TimeSpan Shared = TimeSpan.FromMilliseconds(900);

    private readonly TenantSlots _slots = new(options.Value.MaxStreamsPerTenant, options.Value.MaxStreams);

    /// <summary>A slot that <see cref="FollowAsync"/> gives back.</summary>
    public bool TryTake(TenantId tenant) => _slots.TryTake(tenant);

    public async IAsyncEnumerable<SseItem<string>> FollowAsync(ApiCaller caller, string campaignId, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var tenant = caller.Tenant!.Id;
        try
        {
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lifetime.ApplicationStopping);
            using var timer = new PeriodicTimer(Pause, clock);
            var (told, toldAt) = ("", clock.GetTimestamp());
            do
            {
                if (caller.IsRevoked)
                {
                    yield break;
                }

                var now = await ReadAsync(tenant, campaignId, ends.Token);
                if (now is null)
                {
                    yield break;
                }

                if (now.Tag != told)
                {
                    (told, toldAt) = (now.Tag, clock.GetTimestamp());
                    yield return new SseItem<string>(Encoding.UTF8.GetString(now.Body), "progress");
                }
                else if (clock.GetElapsedTime(toldAt) >= Heartbeat)
                {
                    toldAt = clock.GetTimestamp();
                    yield return new SseItem<string>("", "heartbeat");
                }
            }
            while (await NextAsync(timer, ends.Token));
        }
        finally
        {
            _slots.Return(tenant);
        }
    }

    /// <summary>Null: it is over.</summary>
    private async Task<CachedReport?> ReadAsync(TenantId tenant, string campaignId, CancellationToken cancellation)
    {
        try
        {
            return await cache.GetAsync(
                (tenant, "progress", campaignId),
                async (made, reading) =>
                {
                    var view = await summaries.SummariseAsync(tenant, campaignId, null, null, reading);
                    var options = json.Value.SerializerOptions;
                    return CachedReport.Of(
                        JsonSerializer.SerializeToUtf8Bytes(view, options), JsonSerializer.SerializeToUtf8Bytes(view with { AsOf = default }, options), made);
                },
                cancellation,
                Shared);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken cancellation)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
