using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ingest;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Receipts.Inbound;
using SmsCrm.Server.Endpoints.Ingest;

namespace SmsCrm.Server.Watch;

/// <summary>What a Watch call wants to be told of.</summary>
[Flags]
internal enum WatchKinds
{
    None = 0,
    Messages = 1,
    Received = 2,
    Clicked = 4,
    All = Messages | Received | Clicked,
}

/// <summary>The feeds that a Watch call is told from. Their positions are the same, so that a call may go on with other kinds than it began with.</summary>
internal sealed class WatchFeeds(EventFeed events, InboundFeed texts, ClickFeed clicks)
{
    /// <summary>Clicks may be kept for less long than the others: that ends only the calls that ask for them.</summary>
    public MergedFeed All { get; } = new(events, texts, clicks) { MayLack = clicks };

    /// <summary>Those alone: what a caller does not ask for can't put its position out of range.</summary>
    public MergedFeed Of(WatchKinds kinds) => new(
        [.. new (WatchKinds Kind, Feed Feed)[] { (WatchKinds.Messages, events), (WatchKinds.Received, texts), (WatchKinds.Clicked, clicks) }
            .Where(one => kinds.HasFlag(one.Kind)).Select(one => one.Feed)]);

    public static WatchKinds KindOf(FeedItem item) => item switch
    {
        FeedEvent => WatchKinds.Messages,
        InboundEvent => WatchKinds.Received,
        ClickEvent => WatchKinds.Clicked,
        _ => throw new InvalidOperationException($"No kind for {item.GetType().Name}"),
    };

    /// <summary>Throws INVALID_ARGUMENT for what is no kind, UNIMPLEMENTED for one that this version does not know.</summary>
    public static WatchKinds KindsOf(WatchRequest request) =>
        request.Kinds.Count == 0 ? WatchKinds.Messages : request.Kinds.Aggregate(WatchKinds.None, static (kinds, kind) => kinds | KindOf(kind));

    private static WatchKinds KindOf(WatchKind kind) => kind switch
    {
        WatchKind.Messages => WatchKinds.Messages,
        WatchKind.Received => WatchKinds.Received,
        WatchKind.Clicked => WatchKinds.Clicked,
        WatchKind.Unspecified => throw GrpcAnswers.InvalidArgument(new RequestViolation(
            "kinds", "has WATCH_KIND_UNSPECIFIED: name kinds, or leave the list empty for WATCH_KIND_MESSAGES")),
        _ => throw GrpcAnswers.InvalidArgument(new RequestViolation("kinds", $"has {(int)kind}, which this version does not know: leave it out", IsReserved: true)),
    };
}
