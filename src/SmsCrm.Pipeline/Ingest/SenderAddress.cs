using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>The sender or pool that a request asks for.</summary>
internal static class SenderAddress
{
    /// <summary>The sender as it was given, empty where none was asked for. Whether the tenant has it, the pipeline finds out.</summary>
    public static string Read(SendRequest request, ref ViolationList found)
    {
        switch (request.FromCase)
        {
            case SendRequest.FromOneofCase.Pool:
                Pool(request.Pool, ref found);
                return "";
            case SendRequest.FromOneofCase.Sender:
                if (!IsSender(request.Sender))
                {
                    found.Add(
                        "sender",
                        $"is '{Shown.Value(request.Sender)}': it must be one of your senders, in E.164 (+14155550100), a short code of 3 to 8 digits, or 1 to 11 letters, digits and spaces");
                }

                return request.Sender;
            default:
                return "";
        }
    }

    private static void Pool(string pool, ref ViolationList found)
    {
        if (pool.Length == 0)
        {
            found.Add("pool", "is empty: name a pool of yours, or leave it out for the default pool");
        }

        found.Text("pool", pool, RequestLimits.PoolLength);
    }

    private static bool IsSender(string sender) =>
        PhoneNumber.TryParseE164(sender, out _) || IsShortCode(sender) || IsAlphanumeric(sender);

    private static bool IsShortCode(string sender) => sender.Length is >= 3 and <= 8 && sender.All(char.IsAsciiDigit);

    private static bool IsAlphanumeric(string sender) =>
        sender.Length is >= 1 and <= 11 && sender.All(static c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '-' or '_' or '&' or '+')
        && sender.Any(char.IsAsciiLetter) && sender.Trim().Length == sender.Length;
}
