using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline.Receipts;

/// <summary>
/// What the provider signs of a call. A form's fields are signed with the address; of any other body the address carries the SHA-256
/// (<c>bodySHA256</c>), and both must fit (https://www.twilio.com/docs/usage/webhooks/webhooks-security).
/// </summary>
internal static class SignedCall
{
    public const string BodyHashParameter = "bodySHA256";

    /// <param name="text">At least as long as the body.</param>
    /// <param name="fields">At least <see cref="FormFields.MaxFields"/>.</param>
    public static bool TryRead(bool isJson, ReadOnlySpan<byte> body, Span<byte> text, Span<FormField> fields, out FormFields read) =>
        isJson ? JsonFields.TryParse(body, text, fields, out read) : FormFields.TryParse(body, text, fields, out read);

    /// <summary>Why a body could not be read, for the caller.</summary>
    public static string Unreadable(bool isJson) => isJson
        ? $"body: it is not a JSON object of up to {FormFields.MaxFields} texts and numbers"
        : $"body: it is not a form of up to {FormFields.MaxFields} fields";

    /// <summary>Whether one of the account's tokens that are good at <paramref name="now"/> signed it.</summary>
    /// <param name="addresses">The beginnings of the address that was called (<see cref="TwilioSignature.Variants"/>).</param>
    /// <param name="path">What follows each of them, up to the query.</param>
    /// <param name="query">As it was received, with its question mark; empty where there is none.</param>
    public static bool IsGenuine(
        string signature,
        ProviderAccount account,
        DateTimeOffset now,
        ReadOnlySpan<string> addresses,
        string path,
        string query,
        bool isJson,
        ReadOnlySpan<byte> body,
        in FormFields fields)
    {
        var carriesHash = TryFindHash(query, out var hash);
        if (carriesHash ? !IsHashOf(hash, body) : isJson)
        {
            return false;
        }

        var signed = carriesHash ? default : fields;
        foreach (var form in SignedQuery.Forms(query))
        {
            var rest = string.Concat(path, form);
            if (TwilioSignature.IsGenuine(signature, account.AuthToken, addresses, rest, signed)
                || (account.PreviousAuthToken is { } previous && now < account.PreviousTokenUntil
                    && TwilioSignature.IsGenuine(signature, previous, addresses, rest, signed)))
            {
                return true;
            }
        }

        return false;
    }

    /// <returns>Whether the query carries a hash; one that it carries twice fits nothing.</returns>
    private static bool TryFindHash(string query, out string hash)
    {
        hash = "";
        var found = 0;
        foreach (var pair in new QueryStringEnumerable(query))
        {
            if (pair.EncodedName.Span is BodyHashParameter)
            {
                hash = ++found == 1 ? pair.EncodedValue.ToString() : "";
            }
        }

        return found > 0;
    }

    private static bool IsHashOf(string claimed, ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, hash);
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(claimed), Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash)));
    }
}
