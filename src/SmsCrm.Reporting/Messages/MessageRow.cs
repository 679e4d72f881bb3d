using System.Text.Json;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using RequestRecord = SmsCrm.Contracts.V1.RequestRecord;

namespace SmsCrm.Reporting.Messages;

/// <summary>A row as the queries of this folder select it (<see cref="Columns"/>), for Dapper, which matches names without regard to case.</summary>
internal class MessageRow
{
    public const string Columns = """
        m.id, m.recipient, m.state, m.purpose, m.attempt, m.reason, m.code, m.segments, m.no_receipt AS NoReceipt,
        m.sid_kind::text AS SidKind, m.sid, m.updated_at AS UpdatedAt, m.campaign_id AS CampaignId, m.client_reference AS ClientReference,
        (SELECT s.address FROM senders s WHERE s.id = m.sender_id AND s.tenant_id = m.tenant_id) AS Sender
        """;

    public Guid Id { get; init; }

    public long Recipient { get; init; }

    public short State { get; init; }

    public short Purpose { get; init; }

    public short Attempt { get; init; }

    public short Reason { get; init; }

    public int Code { get; init; }

    public short Segments { get; init; }

    public bool NoReceipt { get; init; }

    public string? SidKind { get; init; }

    public Guid? Sid { get; init; }

    public DateTime UpdatedAt { get; init; }

    public string CampaignId { get; init; } = "";

    public string ClientReference { get; init; } = "";

    public string? Sender { get; init; }

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
            NullIfEmpty(CampaignId),
            NullIfEmpty(ClientReference),
            Sid is { } sid && SidKind is { Length: 1 } ? new ProviderSid(SidKind[0], sid).ToString() : null,
            NoReceipt,
            new MessageId(Id).AcceptedAt,
            UpdatedAt);
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

    /// <summary>What was asked for; null: nothing was kept, or what came could not be read and was kept as it came.</summary>
    public static RequestRecord? RequestOf(byte[]? kept) => kept is null ? null : KeptRequest.Read(kept);

    private static string PurposeCode(short purpose) => (Purpose)purpose switch
    {
        Pipeline.Messages.Purpose.Transactional => "transactional",
        Pipeline.Messages.Purpose.Marketing => "marketing",
    };
}
