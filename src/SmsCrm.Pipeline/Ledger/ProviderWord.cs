using System.Text.Json;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>What the provider said of one sid, whichever way we heard it.</summary>
/// <param name="State">What it means; null: a word that we don't know.</param>
/// <param name="Status">As the provider spells it.</param>
internal readonly record struct ProviderWord(ProviderSid Sid, MessageState? State, string Status, int Code, DateTimeOffset? At, short Attempt)
{
    public static ProviderWord Of(ReceiptEntry receipt) =>
        new(receipt.Sid, Meaning(receipt.Status), receipt.Status, receipt.ErrorCode, receipt.ProviderAt, receipt.Attempt);

    public static ProviderWord OfAnswer(ProviderSid sid, short attempt) => new(sid, MessageState.Taken, "queued", 0, null, attempt);

    /// <summary>The timeline's line where the word is about another sid than the bound one.</summary>
    public string TextedTwiceDetail => JsonSerializer.Serialize(new { sid = Sid.ToString(), status = Status, attempt = Attempt });

    /// <summary>https://www.twilio.com/docs/messaging/api/message-resource#message-status-values; <c>failed</c> and <c>canceled</c> are a final no after the text was taken.</summary>
    private static MessageState? Meaning(string status) => status switch
    {
        "accepted" or "scheduled" or "queued" or "sending" => MessageState.Taken,
        "sent" => MessageState.Sent,
        "delivered" => MessageState.Delivered,
        "undelivered" or "failed" or "canceled" => MessageState.Undelivered,
        "read" => MessageState.Read,
        _ => null,
    };
}
