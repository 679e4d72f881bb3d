using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SmsCrm.TwilioSimulator.Callbacks;
using SmsCrm.TwilioSimulator.Ledger;

namespace SmsCrm.TwilioSimulator.Control;

/// <summary>Every message of the ledger in the order of taking, one JSON object a line, for comparing with somebody else's records.</summary>
internal static class LedgerExport
{
    /// <summary>Writes what stands at this moment.</summary>
    /// <param name="after">Begins after this place; default from the start. A line's <c>index</c> is such a place.</param>
    /// <param name="limit">At most so many lines; default all.</param>
    public static async Task WriteAsync(
        HttpContext context, TwilioSimulatorOptions options, MessageLedger ledger, int after = -1, int limit = int.MaxValue)
    {
        context.Response.ContentType = "application/x-ndjson";
        var end = (int)Math.Min(ledger.Count, Math.Max(0L, after + 1L) + Math.Max(0, limit));
        var output = context.Response.BodyWriter;
        for (var index = Math.Max(0, after + 1); index < end; index++)
        {
            using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = ControlJson.Options.Encoder }))
                Write(writer, ledger.View(index), options.MessageIdParameter);
            output.GetSpan(1)[0] = (byte)'\n';
            output.Advance(1);
            if (index % 100 == 0)
                await output.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static void Write(Utf8JsonWriter writer, MessageView view, string messageIdParameter)
    {
        writer.WriteStartObject();
        writer.WriteNumber("index", view.Index);
        writer.WriteString("sid", view.Sid);
        writer.WriteString("accountSid", view.Taken.AccountSid);
        writer.WriteString("direction", view.Taken.Direction == Direction.Inbound ? "inbound" : "outbound");
        writer.WriteString("to", view.Taken.To);
        writer.WriteString("from", view.From);
        writer.WriteString("messageId", CallbackTarget.QueryValue(view.Taken.StatusCallback, messageIdParameter));
        writer.WriteString("status", view.Status.Name());
        writer.WriteNumber("errorCode", view.ErrorCode);
        writer.WriteNumber("createdMs", view.Taken.CreatedMs);
        writer.WriteEndObject();
    }
}
