using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using SmsCrm.TwilioSimulator.Ledger;

namespace SmsCrm.TwilioSimulator.Api;

/// <summary>The JSON of a message, with Twilio's types: counts are strings, the error code a number or null, dates are RFC 2822.</summary>
internal static class MessageJson
{
    // Twilio's US list price; what a message costs here is of no account, only that it has a price once it was sent.
    private const decimal PricePerSegment = 0.0079m;

    private static readonly JsonEncodedText Body = JsonEncodedText.Encode("body");
    private static readonly JsonEncodedText NumSegments = JsonEncodedText.Encode("num_segments");
    private static readonly JsonEncodedText DirectionName = JsonEncodedText.Encode("direction");
    private static readonly JsonEncodedText From = JsonEncodedText.Encode("from");
    private static readonly JsonEncodedText DateUpdated = JsonEncodedText.Encode("date_updated");
    private static readonly JsonEncodedText Price = JsonEncodedText.Encode("price");
    private static readonly JsonEncodedText ErrorMessage = JsonEncodedText.Encode("error_message");
    private static readonly JsonEncodedText UriName = JsonEncodedText.Encode("uri");
    private static readonly JsonEncodedText AccountSid = JsonEncodedText.Encode("account_sid");
    private static readonly JsonEncodedText NumMedia = JsonEncodedText.Encode("num_media");
    private static readonly JsonEncodedText To = JsonEncodedText.Encode("to");
    private static readonly JsonEncodedText DateCreated = JsonEncodedText.Encode("date_created");
    private static readonly JsonEncodedText Status = JsonEncodedText.Encode("status");
    private static readonly JsonEncodedText Sid = JsonEncodedText.Encode("sid");
    private static readonly JsonEncodedText DateSent = JsonEncodedText.Encode("date_sent");
    private static readonly JsonEncodedText MessagingServiceSid = JsonEncodedText.Encode("messaging_service_sid");
    private static readonly JsonEncodedText ErrorCode = JsonEncodedText.Encode("error_code");
    private static readonly JsonEncodedText PriceUnit = JsonEncodedText.Encode("price_unit");
    private static readonly JsonEncodedText ApiVersion = JsonEncodedText.Encode("api_version");
    private static readonly JsonEncodedText SubresourceUris = JsonEncodedText.Encode("subresource_uris");
    private static readonly JsonEncodedText Media = JsonEncodedText.Encode("media");

    public static void Write(Utf8JsonWriter writer, MessageView view)
    {
        var taken = view.Taken;
        var path = string.Concat("/2010-04-01/Accounts/", taken.AccountSid, "/Messages/", view.Sid);
        // A service has counted nothing before it has chosen a sender.
        var isCounted = view.Status is not (MessageStatus.Accepted or MessageStatus.Scheduled);
        writer.WriteStartObject();
        writer.WriteString(Body, view.Body);
        writer.WriteString(NumSegments, isCounted ? Text(taken.Segments) : "0");
        writer.WriteString(DirectionName, taken.Direction == Direction.Inbound ? "inbound" : "outbound-api");
        writer.WriteString(From, view.From);
        Date(writer, DateUpdated, view.UpdatedMs);
        writer.WriteString(Price, PriceOf(view));
        writer.WriteString(ErrorMessage, view.ErrorCode == 0 ? null : DeliveryErrors.Text(view.ErrorCode));
        writer.WriteString(UriName, string.Concat(path, ".json"));
        writer.WriteString(AccountSid, taken.AccountSid);
        writer.WriteString(NumMedia, Text(taken.NumMedia));
        writer.WriteString(To, taken.To);
        Date(writer, DateCreated, taken.CreatedMs);
        writer.WriteString(Status, view.Status.Name());
        writer.WriteString(Sid, view.Sid);
        Date(writer, DateSent, view.SentMs);
        writer.WriteString(MessagingServiceSid, taken.ServiceSid);
        if (view.ErrorCode == 0)
            writer.WriteNull(ErrorCode);
        else
            writer.WriteNumber(ErrorCode, view.ErrorCode);
        writer.WriteString(PriceUnit, "USD");
        writer.WriteString(ApiVersion, "2010-04-01");
        writer.WriteStartObject(SubresourceUris);
        writer.WriteString(Media, string.Concat(path, "/Media.json"));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Date(Utf8JsonWriter writer, JsonEncodedText name, long unixMs)
    {
        if (unixMs == 0)
        {
            writer.WriteNull(name);
            return;
        }
        Span<byte> text = stackalloc byte[31];
        Utf8Formatter.TryFormat(DateTimeOffset.FromUnixTimeMilliseconds(unixMs), text, out var length, 'R');
        // "GMT" is the format's own word for the offset.
        "+0000"u8.CopyTo(text[(length - 3)..]);
        writer.WriteString(name, text[..(length + 2)]);
    }

    private static string? PriceOf(MessageView view)
    {
        if (view.SentMs == 0 || view.Taken.Direction == Direction.Inbound)
            return null;
        return (-PricePerSegment * view.Taken.Segments).ToString("0.00000", CultureInfo.InvariantCulture);
    }

    private static string Text(int count) => count switch
    {
        0 => "0",
        1 => "1",
        2 => "2",
        _ => count.ToString(CultureInfo.InvariantCulture),
    };
}
