using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using SmsCrm.TwilioSimulator.Callbacks;
using SmsCrm.TwilioSimulator.Ledger;

namespace SmsCrm.TwilioSimulator.Control;

/// <summary>The JSON of the control API: camel case, no escapes where none are needed.</summary>
internal static class ControlJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static IResult Answer<T>(T value, int status = StatusCodes.Status200OK) => Results.Json(value, Options, statusCode: status);

    /// <summary>An error that names field, value and remedy.</summary>
    public static IResult Refuse(int status, string field, string value, string remedy) =>
        Answer(new { Errors = new[] { new { Field = field, Value = value, Remedy = remedy } } }, status);

    public static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads a JSON body; where that fails, the answer says why.</summary>
    public static async Task<(T? Value, IResult? Unreadable)> ReadAsync<T>(HttpContext context)
        where T : class
    {
        try
        {
            var value = await JsonSerializer.DeserializeAsync<T>(context.Request.Body, Options, context.RequestAborted).ConfigureAwait(false);
            return value is null ? (null, Refuse(400, "(body)", "null", "give a JSON object")) : (value, null);
        }
        catch (JsonException e)
        {
            return (null, Refuse(400, e.Path ?? "(body)", e.Message, "give a JSON object with the fields and types that src/SmsCrm.TwilioSimulator/README.md lists"));
        }
    }

    /// <summary>Lets a request's body be longer than those of the API.</summary>
    public static void AllowBody(HttpContext context, long bytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = bytes;
    }

    public static object Duplicates(DuplicateReport report) => new
    {
        Count = report.Repeated,
        report.Distinct,
        Sample = report.Sample.Select(pair => new
        {
            pair.First.Taken.To,
            pair.First.Taken.Body,
            First = pair.First.Sid,
            Repeat = pair.Repeat.Sid,
        }),
    };

    public static object Message(MessageView view, string messageIdParameter) => new
    {
        view.Sid,
        AccountSid = view.Taken.AccountSid,
        Direction = view.Taken.Direction,
        view.Taken.To,
        view.From,
        view.Body,
        view.Taken.ServiceSid,
        view.Taken.Segments,
        Status = view.Status.Name(),
        view.ErrorCode,
        view.Taken.CreatedMs,
        view.UpdatedMs,
        view.SentMs,
        view.Taken.StatusCallback,
        MessageId = CallbackTarget.QueryValue(view.Taken.StatusCallback, messageIdParameter).ToString(),
        view.IsDeleted,
        OwedCallbacks = Enum.GetValues<MessageStatus>().Where(status => (view.OwedCallbacks & (1 << (int)status)) != 0).Select(status => status.Name()),
    };
}
