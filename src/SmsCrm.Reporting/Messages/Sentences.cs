using System.Text.Json;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Reporting.Messages;

/// <summary>What happened to a message, for people: the sentence that the deciding room left, or the one for its kind and reason.</summary>
internal static class Sentences
{
    public static string Of(EventKind kind, Reason reason, JsonElement? detail) =>
        detail is { ValueKind: JsonValueKind.Object } said && said.TryGetProperty("sentence", out var sentence) && sentence.GetString() is { Length: > 0 } own
            ? own
            : Of(kind, reason);

    public static string Of(EventKind kind, Reason reason) => kind switch
    {
        EventKind.Queued => "Accepted. It waits to be taken up.",
        EventKind.Deferred => OfWaiting(reason),
        EventKind.Claimed => "It is being handed to the provider.",
        EventKind.Unknown => reason == Reason.WorkerSilent
            ? "The process that handed it to the provider ended before it could say what became of it. The provider is asked."
            : "The provider did not say whether it took the message. It is not sent again until that is known.",
        EventKind.Taken => "The provider took the message.",
        EventKind.Sent => "The provider passed the message to the carrier.",
        EventKind.Undelivered => "The carrier could not deliver the message.",
        EventKind.Delivered => "The carrier delivered the message.",
        EventKind.Read => "The recipient read the message.",
        EventKind.Failed => reason switch
        {
            Reason.RetriesExhausted => "The provider was too busy for the message each time it was tried. It was given up.",
            Reason.ProviderRefused => "The provider refused the message for good.",
            _ => "The provider reports that the message failed.",
        },
        EventKind.Rejected => OfRejection(reason),
        EventKind.Cancelled => "It was cancelled before it was sent.",
        EventKind.Uncertain => "Nobody knows whether the provider took the message, and it is not sent again. A later word of the provider will say.",
        EventKind.TextedTwice => "The provider reports a second text for this message. This should never happen and was reported as an alert.",
        EventKind.NoReceipt => "The provider took the message, and no final word of it came in time. A later one still counts.",
        EventKind.OtherWord => "The provider said something that is not known here. It is kept and changes nothing.",
    };

    private static string OfWaiting(Reason reason) => reason switch
    {
        Reason.Pacing => "It waits for its turn: its sender, account or tenant sends no faster.",
        Reason.Scheduled => "It waits for the time that it is scheduled for.",
        Reason.QuietHours => "It waits until texting is allowed where the recipient is.",
        Reason.RetryBackoff => "The provider was too busy and took nothing. It is tried again.",
        Reason.TenantPaused => "Sending is paused for the whole account. It waits.",
        Reason.CampaignPaused => "The campaign is paused. It waits.",
        Reason.Released => "It was not handed to the provider in time. It is tried again.",
        Reason.AccountUnavailable => "The provider account is out of order or does not answer. It waits until that works again.",
        Reason.Busy => "Everything is busy for a moment. It waits for its turn.",
        Reason.BudgetHeld => "What is left of the budget is held for messages on their way. It waits until that is known.",
        Reason.NotListed => "The provider's list does not show the first attempt, and the tenant lets that count. It is sent again.",
        _ => "It waits.",
    };

    private static string OfRejection(Reason reason) => reason switch
    {
        Reason.TenantSuspended => "Sending is suspended for the whole account. It was not sent.",
        Reason.NumberInvalid => "The number can't be texted. It was not sent.",
        Reason.NotMobile => "The number is a landline or of another kind that takes no texts. It was not sent.",
        Reason.CountryNotAllowed => "The settings do not allow texts to that country. It was not sent.",
        Reason.Suppressed => "The recipient has opted out. It was not sent.",
        Reason.NoConsent => "There is no consent of the recipient on record. It was not sent.",
        Reason.FrequencyCap => "The recipient has got as many texts as the settings or the law allow. It was not sent.",
        Reason.DuplicateContent => "The recipient has got the same text already. It was not sent.",
        Reason.BudgetExhausted => "The budget is spent. It was not sent.",
        Reason.Content => "The text breaks a rule about content. It was not sent.",
        Reason.Expired => "It was not sent before it expired.",
        Reason.DuplicateOfFirst => "Another message took the same idempotency key first. It was not sent.",
        Reason.Unreadable => "The request was damaged on its way and can't be read. It was not sent.",
        Reason.NoSender => "There is no sender for it. It was not sent.",
        Reason.TenantUnknown => "Its tenant is not known any more. It was not sent.",
        _ => "It was not sent.",
    };
}
