using System.Text.Json;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Provider;

/// <summary>
/// Twilio's own error body: <c>{"code":21211,"message":"…","more_info":"…","status":400}</c>, or the newer form of RFC 9457 with
/// <c>type</c>, <c>title</c>, <c>status</c> and <c>code</c>. It is what tells its refusal from a proxy's.
/// </summary>
/// <param name="Message">At most 500 characters.</param>
internal sealed record TwilioErrorBody(int Code, string Message)
{
    private const int MaxMessage = 500;

    /// <summary>Null where the body is not Twilio's: no JSON object, no five-digit code, or a status other than the answer's.</summary>
    public static TwilioErrorBody? TryRead(string? body, int status)
    {
        if (string.IsNullOrEmpty(body) || body[0] != '{')
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            return Number(root, "code") is { } code and >= 10_000 and <= 99_999 && Number(root, "status") == status
                ? new TwilioErrorBody(code, Text(root, "message") ?? Text(root, "detail") ?? Text(root, "title") ?? "")
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static int? Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { } text
            ? ForeignText.Cut(text, MaxMessage)
            : null;
}
