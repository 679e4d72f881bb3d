using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SmsCrm.TwilioSimulator.Callbacks;
using SmsCrm.TwilioSimulator.Ledger;

namespace SmsCrm.TwilioSimulator.Control;

/// <summary>The JSON of the control API: camel case, no escapes where none are needed.</summary>
internal static class ControlJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static IResult Answer<T>(T value, int status = StatusCodes.Status200OK) => Results.Json(value, Options, statusCode: status);

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
