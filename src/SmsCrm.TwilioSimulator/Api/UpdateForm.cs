namespace SmsCrm.TwilioSimulator.Api;

/// <summary>The parameters of an update. Null where absent.</summary>
internal sealed record UpdateForm(string? Body, string? Status)
{
    public static UpdateForm Read(ReadOnlySpan<byte> form)
    {
        string? body = null, status = null;
        var reader = new FormReader(form);
        while (reader.Read(out var key, out var value))
        {
            if (key.SequenceEqual("Body"u8))
                body = FormReader.Decode(value);
            else if (key.SequenceEqual("Status"u8))
                status = FormReader.Decode(value);
        }
        return new UpdateForm(body, status);
    }
}
