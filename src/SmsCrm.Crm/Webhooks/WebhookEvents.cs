using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Crm.Webhooks;

/// <summary>What a tenant may ask to be told.</summary>
public static class WebhookEvents
{
    /// <summary>What <c>POST .../test</c> sends, whatever the filter says.</summary>
    public const string Test = "webhook.test";

    /// <summary>A recipient wrote to one of the tenant's numbers.</summary>
    public const string Received = Prefix + "received";

    /// <summary>A short link of a message was followed.</summary>
    public const string Clicked = Prefix + "clicked";

    private const string Prefix = "message.";

    // Claims, attempts whose fate is not known yet, and words nobody knows are ours to deal with; the timeline has them.
    private static readonly Dictionary<EventKind, string> Names =
        new[]
        {
            EventKind.Queued, EventKind.Deferred, EventKind.Taken, EventKind.Sent, EventKind.Undelivered, EventKind.Delivered, EventKind.Read,
            EventKind.Failed, EventKind.Rejected, EventKind.Cancelled, EventKind.Uncertain, EventKind.NoReceipt,
        }.ToDictionary(static kind => kind, static kind => Prefix + kind.Code());

    /// <summary>Every event that may be asked for.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Names.Values, Received, Clicked];

    /// <summary>Where none is named: how messages end.</summary>
    public static IReadOnlyList<string> Default { get; } =
    [
        .. new[] { EventKind.Delivered, EventKind.Undelivered, EventKind.Failed, EventKind.Rejected, EventKind.Cancelled, EventKind.Uncertain }
            .Select(static kind => Names[kind]),
    ];

    /// <summary>Null: nobody may ask for it.</summary>
    internal static string? NameOf(EventKind kind) => Names.GetValueOrDefault(kind);
}
