using Grpc.Core;
using Microsoft.Extensions.Options;
using SmsCrm.Contracts.V1;
using SmsCrm.Crm.Access;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Server.Endpoints.Ingest;

namespace SmsCrm.Server.Watch;

/// <summary>
/// One Watch call: reads up from its position by itself until it has caught up, joins the tail, closes the gap between the two, and goes on
/// with what the tail offers. Positions order everything, so nothing is left out and nothing comes twice.
/// </summary>
internal sealed class Watcher(
    WatchFeeds feeds, FeedTailLoop tail, IOptions<WatchOptions> options, WatchMetrics metrics, IHostApplicationLifetime lifetime) : IWatch
{
    private const int CatchUpBatch = 2_000;
    private const int CampaignIdLength = 64;

    public async Task WatchAsync(WatchRequest request, IServerStreamWriter<MessageEvent> events, ServerCallContext context)
    {
        var caller = context.GetHttpContext().ApiCaller();
        var tenant = context.GetHttpContext().Tenant().Id;
        GrpcAnswers.RefuseUnknownFields(request.UnknownFieldNumbers);
        var kinds = WatchFeeds.KindsOf(request);
        RequireRoom(tenant);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var call = new Call(events, tenant, kinds, Campaign(request), () => caller.IsRevoked, metrics, ended.Token);
        metrics.Began();
        try
        {
            await RunAsync(call, await StartAsync(request, ended.Token), context, ended.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw Ended(StatusCode.Unavailable, "The server stops: watch again from the last event's position.", call);
        }
        catch (WatchEndedException over)
        {
            throw over.End == WatchEnd.TooSlow
                ? Ended(StatusCode.ResourceExhausted, $"{over.Message} Watch again from position {call.Reached}.", call)
                : Ended(StatusCode.OutOfRange, over.Message, call);
        }
        finally
        {
            metrics.Ended();
        }
    }

    private async Task RunAsync(Call call, FeedPosition start, ServerCallContext context, CancellationToken cancellation)
    {
        // The caller learns that it watches before anything has happened.
        call.Reached = start;
        await context.WriteResponseHeadersAsync([]);
        await CatchUpAsync(call, until: null, cancellation);
        var subscription = new WatchSubscription(call.Tenant, call.Kinds, options.Value.BufferedEvents);
        var offeredAfter = tail.Join(subscription, call.Reached);
        try
        {
            await CatchUpAsync(call, offeredAfter, cancellation);
            await foreach (var item in subscription.ReadAsync(cancellation))
            {
                await call.WriteAsync(item);
            }
        }
        finally
        {
            tail.Leave(subscription);
        }
    }

    /// <summary>Reads by itself: up to a position, or (null) until there is no more to read at once.</summary>
    private async Task CatchUpAsync(Call call, FeedPosition? until, CancellationToken cancellation)
    {
        var feed = feeds.Of(call.Kinds);
        for (var more = until is null || call.Reached.IsBefore(until.Value); more;)
        {
            switch (await feed.ReadAfterAsync(call.Reached, CatchUpBatch, cancellation))
            {
                case FeedRead.Batch batch:
                    foreach (var item in batch.Items.Where(item => until is null || !until.Value.IsBefore(item.Position)))
                    {
                        await call.WriteAsync(item);
                    }

                    // What lies beyond is offered by the tail: it must not count as written.
                    call.Reached = until is { } bound && bound.IsBefore(batch.Position) ? bound : batch.Position;
                    more = until is null ? batch.More : call.Reached.IsBefore(until.Value);
                    break;
                case FeedRead.OutOfRange gone:
                    throw new RpcException(new Status(StatusCode.OutOfRange, gone.Sentence));
            }
        }
    }

    private async Task<FeedPosition> StartAsync(WatchRequest request, CancellationToken cancellation)
    {
        if (request.Position.Length == 0)
        {
            return await feeds.All.EndAsync(cancellation);
        }

        return FeedPosition.TryParse(request.Position, out var position)
            ? position
            : throw GrpcAnswers.InvalidArgument(new Pipeline.Ingest.RequestViolation(
                "position", "is not a position that this API gave: leave it empty to watch from now on"));
    }

    private static string Campaign(WatchRequest request) => request.CampaignId.Length <= CampaignIdLength
        ? request.CampaignId
        : throw GrpcAnswers.InvalidArgument(new Pipeline.Ingest.RequestViolation(
            "campaign_id", $"has {request.CampaignId.Length} characters: at most {CampaignIdLength}"));

    private void RequireRoom(TenantId tenant)
    {
        var (all, ofTenant) = tail.Count(tenant);
        if (all >= options.Value.MaxSubscriptions || ofTenant >= options.Value.MaxSubscriptionsPerTenant)
        {
            throw new RpcException(new Status(
                StatusCode.ResourceExhausted, $"{ofTenant} Watch calls of this tenant and {all} in all are under way: end one, or try another node."));
        }
    }

    private static RpcException Ended(StatusCode code, string why, Call call) =>
        new(new Status(code, why), new Metadata { { "position", call.Reached.ToString() } });

    /// <summary>What one call writes, and how far it has come.</summary>
    private sealed class Call(
        IServerStreamWriter<MessageEvent> events, TenantId tenant, WatchKinds kinds, string campaign, Func<bool> isRevoked, WatchMetrics metrics,
        CancellationToken cancellation)
    {
        public TenantId Tenant => tenant;

        public WatchKinds Kinds => kinds;

        public FeedPosition Reached { get; set; }

        public async ValueTask WriteAsync(FeedItem item)
        {
            if (!Reached.IsBefore(item.Position))
            {
                return;
            }

            if (isRevoked())
            {
                throw new RpcException(new Status(StatusCode.Unauthenticated, "The API key was revoked: use another one."));
            }

            if (item.Tenant == tenant && (campaign.Length == 0 || campaign == WatchAnswers.CampaignOf(item)))
            {
                await events.WriteAsync(WatchAnswers.Of(item), cancellation);
                metrics.Sent.Add(1);
            }

            Reached = item.Position;
        }
    }
}
