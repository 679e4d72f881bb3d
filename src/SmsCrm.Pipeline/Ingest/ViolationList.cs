using Google.Protobuf.WellKnownTypes;
using SmsCrm.Contracts.V1;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>Gathers violations; makes no list while there are none.</summary>
internal struct ViolationList
{
    private const long MinSeconds = -62_135_596_800;
    private const long MaxSeconds = 253_402_300_799;

    public List<RequestViolation>? Items { get; private set; }

    public void Add(string field, string detail, bool isReserved = false) => (Items ??= []).Add(new RequestViolation(field, detail, isReserved));

    /// <summary>What a later version will do is refused until then, never ignored.</summary>
    public void Reserved(SendRequest request)
    {
        if (request.TemplateId.Length > 0)
        {
            Add("template_id", $"is '{Shown.Value(request.TemplateId)}', and templates are not supported by this version: send the body itself", isReserved: true);
        }

        if (request.MediaUrls.Count > 0)
        {
            Add("media_urls", "are not supported by this version: leave them out", isReserved: true);
        }

        foreach (var number in request.UnknownFieldNumbers)
        {
            Add($"field {number}", "is not known to this version: leave it out, or use a server that knows it", isReserved: true);
        }
    }

    /// <param name="putIn">The body with its short links put in.</param>
    public void Body(string body, string putIn)
    {
        if (string.IsNullOrWhiteSpace(body))
        {
            Add("body", body.Length == 0 ? "is missing: give the text, 1 to 1,600 characters" : "is only white space: give the text");
        }
        else
        {
            Text("body", putIn, RequestLimits.BodyLength, mayHaveLines: true);
        }
    }

    public void Text(string field, string value, int most, bool mayHaveLines = false)
    {
        if (value.Length > most)
        {
            Add(field, $"is {Shown.Number(value.Length)} characters long: the most is {Shown.Number(most)}");
        }

        foreach (var character in value)
        {
            if (char.IsControl(character) && !(mayHaveLines && character is '\n' or '\r' or '\t' or '\f'))
            {
                Add(field, $"has the control character {Shown.Escape(character)}: remove it");
                return;
            }
        }
    }

    public DateTimeOffset? Time(string field, Timestamp? time)
    {
        if (time is null)
        {
            return null;
        }

        if (time.Seconds is >= MinSeconds and <= MaxSeconds && time.Nanos is >= 0 and <= 999_999_999)
        {
            return time.ToDateTimeOffset();
        }

        Add(field, $"is {time.Seconds} s and {time.Nanos} ns, which is no time: seconds since 1970, and 0 to 999,999,999 nanoseconds");
        return null;
    }
}
