using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline.Receipts;

/// <summary>Whose status a callback reports: what <see cref="StatusCallbackUrl"/> put into its query.</summary>
internal readonly record struct CallbackSubject(TenantId Tenant, MessageId Message, short Attempt)
{
    private const int MostShown = 40;

    /// <returns>Null, or what is wrong with which parameter.</returns>
    public static string? Read(string query, out CallbackSubject subject)
    {
        subject = default;
        var (tenant, message, attempt) = (default(ReadOnlyMemory<char>?), default(ReadOnlyMemory<char>?), default(ReadOnlyMemory<char>?));
        foreach (var pair in new QueryStringEnumerable(query))
        {
            switch (pair.EncodedName.Span)
            {
                case StatusCallbackUrl.TenantParameter when tenant is null:
                    tenant = pair.EncodedValue;
                    break;
                case StatusCallbackUrl.MessageParameter when message is null:
                    message = pair.EncodedValue;
                    break;
                case StatusCallbackUrl.AttemptParameter when attempt is null:
                    attempt = pair.EncodedValue;
                    break;
                case SignedCall.BodyHashParameter:
                    break;
                default:
                    return $"query: '{Shorten(pair.EncodedName.ToString())}' is unknown or repeated; it has tenant, message and attempt, once each";
            }
        }

        if (!Guid.TryParseExact(tenant.GetValueOrDefault().Span, "D", out var tenantId))
        {
            return $"tenant: '{Shorten(tenant?.ToString())}' is not a UUID";
        }

        if (!MessageId.TryParse(message?.ToString(), out var messageId))
        {
            return $"message: '{Shorten(message?.ToString())}' is not a UUIDv7";
        }

        if (!short.TryParse(attempt.GetValueOrDefault().Span, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1)
        {
            return $"attempt: '{Shorten(attempt?.ToString())}' is not a number from 1 to {short.MaxValue}";
        }

        subject = new CallbackSubject(new TenantId(tenantId), messageId, number);
        return null;
    }

    private static string Shorten(string? text) => text is null ? "" : text.Length <= MostShown ? text : ForeignText.Cut(text, MostShown) + "…";
}
