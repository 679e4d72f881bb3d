using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SmsCrm.TwilioSimulator.Ledger;

namespace SmsCrm.TwilioSimulator.Api;

/// <summary>Writes answers: JSON of known length, from buffers that each thread keeps.</summary>
internal static class ApiAnswer
{
    private static readonly JsonWriterOptions Options = new()
    {
        // A plus sign stays a plus sign: the answer is JSON, never a part of a page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? s_writer;

    public static void Message(HttpContext context, int status, MessageView view)
    {
        var writer = Begin();
        MessageJson.Write(writer, view);
        End(context, status, writer);
    }

    public static void Error(HttpContext context, ApiError error)
    {
        var writer = Begin();
        writer.WriteStartObject();
        writer.WriteNumber("code", error.Code);
        writer.WriteString("message", error.Message);
        writer.WriteString("more_info", $"https://www.twilio.com/docs/errors/{error.Code}");
        writer.WriteNumber("status", error.Status);
        writer.WriteEndObject();
        End(context, error.Status, writer);
    }

    public static Utf8JsonWriter Begin()
    {
        var buffer = s_buffer ??= new ArrayBufferWriter<byte>(4096);
        buffer.ResetWrittenCount();
        var writer = s_writer ??= new Utf8JsonWriter(buffer, Options);
        writer.Reset(buffer);
        return writer;
    }

    /// <summary>Hands over what was written since <see cref="Begin"/>; nothing may be awaited in between.</summary>
    public static void End(HttpContext context, int status, Utf8JsonWriter writer)
    {
        writer.Flush();
        var json = s_buffer!.WrittenSpan;
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json;charset=utf-8";
        response.ContentLength = json.Length;
        response.BodyWriter.Write(json);
    }
}
