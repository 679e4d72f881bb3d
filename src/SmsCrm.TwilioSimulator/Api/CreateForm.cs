using System.Globalization;

namespace SmsCrm.TwilioSimulator.Api;

/// <summary>The parameters of a create as they came. A parameter that is absent is null; one that came empty is the empty string.</summary>
internal sealed class CreateForm
{
    private static readonly string[] DateFormats = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    public string? To { get; private set; }
    public string? From { get; private set; }
    public string? MessagingServiceSid { get; private set; }
    public string? Body { get; private set; }
    public string? StatusCallback { get; private set; }
    public string? ContentSid { get; private set; }
    public string? ValidityPeriod { get; private set; }
    public string? ScheduleType { get; private set; }
    public string? SendAt { get; private set; }
    public List<string> MediaUrls { get; } = [];

    /// <summary>Reads a body. Parameters that change nothing here (SmartEncoded, ProvideFeedback, ...) are taken and left alone, as are unknown ones.</summary>
    public static CreateForm Read(ReadOnlySpan<byte> body)
    {
        var form = new CreateForm();
        var reader = new FormReader(body);
        while (reader.Read(out var key, out var value))
        {
            if (key.SequenceEqual("To"u8))
                form.To = FormReader.Decode(value);
            else if (key.SequenceEqual("From"u8))
                form.From = FormReader.Decode(value);
            else if (key.SequenceEqual("Body"u8))
                form.Body = FormReader.Decode(value);
            else if (key.SequenceEqual("StatusCallback"u8))
                form.StatusCallback = FormReader.Decode(value);
            else if (key.SequenceEqual("MessagingServiceSid"u8))
                form.MessagingServiceSid = FormReader.Decode(value);
            else if (key.SequenceEqual("MediaUrl"u8))
                form.MediaUrls.Add(FormReader.Decode(value));
            else if (key.SequenceEqual("ContentSid"u8))
                form.ContentSid = FormReader.Decode(value);
            else if (key.SequenceEqual("ValidityPeriod"u8))
                form.ValidityPeriod = FormReader.Decode(value);
            else if (key.SequenceEqual("ScheduleType"u8))
                form.ScheduleType = FormReader.Decode(value);
            else if (key.SequenceEqual("SendAt"u8))
                form.SendAt = FormReader.Decode(value);
        }
        return form;
    }

    public static bool TryParseDate(string text, out DateTimeOffset date) => DateTimeOffset.TryParseExact(
        text, DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out date);
}
