using System.Text.Json;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Reporting.Messages;

/// <summary>A row as the queries of this folder select it (<see cref="Columns"/>), for Dapper.</summary>
internal sealed record MessageRow(
    Guid Id,
    long Recipient,
    short State,
    short Purpose,
    short Attempt,
    short Reason,
    int Code,
    short Segments,
    bool No_receipt,
    string? Sid_kind,
    Guid? Sid,
    DateTime Updated_at,
    string Campaign_id,
    string Client_reference,
    string? Sender)
{
    public const string Columns = """
        m.id, m.recipient, m.state, m.purpose, m.attempt, m.reason, m.code, m.segments, m.no_receipt, m.sid_kind::text AS sid_kind, m.sid,
        m.updated_at, m.campaign_id, m.client_reference,
        (SELECT s.address FROM senders s WHERE s.id = m.sender_id AND s.tenant_id = m.tenant_id) AS sender
        """;

    public MessageSummaryView ToView()
    {
        var state = (MessageState)State;
        return new MessageSummaryView(
            Id,
            state.Code(),
            state.IsFinal(),
            ReasonCode(Reason),
            Code == 0 ? null : Code,
            new PhoneNumber(Recipient).ToString(),
            Sender,
            PurposeCode(Purpose),
            Segments,
            Attempt,
            NullIfEmpty(Campaign_id),
            NullIfEmpty(Client_reference),
            Sid is { } sid && Sid_kind is { Length: 1 } ? new ProviderSid(Sid_kind[0], sid).ToString() : null,
            No_receipt,
            new MessageId(Id).AcceptedAt,
            Updated_at);
    }

    public static string? ReasonCode(short reason) => reason == 0 ? null : ((Reason)reason).Code();

    public static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    /// <summary>Rooms store JSON objects or sentences: both come out as JSON.</summary>
    public static JsonElement? Json(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (text[0] is '{' or '[')
        {
            try
            {
                return JsonElement.Parse(text);
            }
            catch (JsonException)
            {
                // A sentence that begins with a bracket.
            }
        }

        return JsonSerializer.SerializeToElement(text);
    }

    private static string PurposeCode(short purpose) => (Purpose)purpose switch
    {
        Pipeline.Messages.Purpose.Transactional => "transactional",
        Pipeline.Messages.Purpose.Marketing => "marketing",
    };
}
