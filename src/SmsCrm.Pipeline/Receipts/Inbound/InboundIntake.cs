using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline.Receipts.Inbound;

/// <summary>
/// Takes recipients' texts: verifies, keeps them in Postgres with what their keyword does, and answers a STOP only once no message can leave
/// any more. While Postgres is away it answers 503: then the provider calls again, and its list is read every minute besides.
/// </summary>
public sealed class InboundIntake
{
    /// <summary>Where the provider posts texts to; each tenant's numbers are set to it.</summary>
    public const string Path = "/twilio/inbound";

    /// <summary>Ten segments' text, ten pictures' addresses, and the sender's place.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    /// <summary>A number, a short code or a channel's address.</summary>
    private const int MaxAddressLength = 64;

    private static readonly TimeSpan FetchDeadline = TimeSpan.FromSeconds(5);
    private readonly ProviderDirectory _directory;
    private readonly ISmsProvider _provider;
    private readonly InboundTexts _texts;
    private readonly InboundAnswers _answers;
    private readonly TimeProvider _clock;
    private readonly StoppedMessagesWorker _stopped;
    private readonly ReceiptsMetrics _metrics;
    private readonly ILogger<InboundIntake> _logger;
    private readonly string[] _addresses;

    internal InboundIntake(
        ProviderDirectory directory,
        ISmsProvider provider,
        InboundTexts texts,
        InboundAnswers answers,
        StoppedMessagesWorker stopped,
        IOptions<ProviderOptions> options,
        ReceiptsMetrics metrics,
        TimeProvider clock,
        ILogger<InboundIntake> logger)
    {
        _directory = directory;
        _provider = provider;
        _texts = texts;
        _answers = answers;
        _clock = clock;
        _stopped = stopped;
        _metrics = metrics;
        _logger = logger;
        _addresses = TwilioSignature.Variants(options.Value.PublicBaseUrl.TrimEnd('/'));
    }

    /// <param name="query">As it was received, escaped, with its question mark; empty where there is none.</param>
    /// <param name="signature">The header <c>X-Twilio-Signature</c>; null where there is none.</param>
    /// <param name="isJson">The body is JSON, whose hash the query carries; else a form.</param>
    public async Task<InboundAnswer> TakeAsync(string query, string? signature, bool isJson, PipeReader body, CancellationToken cancellation)
    {
        var answer = await JudgeAsync(query, signature, isJson, body, cancellation).ConfigureAwait(false);
        _metrics.ReceivedText(answer.Callback.Verdict);
        return answer;
    }

    private async Task<InboundAnswer> JudgeAsync(string query, string? signature, bool isJson, PipeReader body, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(signature))
        {
            return CallbackAnswer.Unsigned;
        }

        var settings = _directory.Current;
        if (settings.Version == 0)
        {
            return new CallbackAnswer(CallbackVerdict.Unavailable, "The accounts are not known yet: call again.");
        }

        if (await CallbackBody.ReadAsync(body, MaxBodyBytes, cancellation).ConfigureAwait(false) is not { } buffer)
        {
            return new CallbackAnswer(CallbackVerdict.TooLarge, $"The body is longer than {MaxBodyBytes} bytes.");
        }

        var refusal = Read(buffer.ToArray(), settings, new Call(query, signature, isJson), out var text, out var owners);
        body.AdvanceTo(buffer.End);
        if (refusal is { } refused)
        {
            return refused;
        }

        var kept = await KeepAsync(settings, text!, owners, cancellation).ConfigureAwait(false);
        return kept.Verdict == CallbackVerdict.Appended ? new InboundAnswer(kept, await _answers.ToAsync(text!, owners, cancellation).ConfigureAwait(false)) : kept;
    }

    private CallbackAnswer? Read(
        byte[] encoded, ProviderSnapshot settings, Call call, out InboundText? text, out IReadOnlyList<TenantId> owners)
    {
        (text, owners) = (null, []);
        if (!SignedCall.TryRead(call.IsJson, encoded, new byte[encoded.Length], new FormField[FormFields.MaxFields], out var form))
        {
            return CallbackAnswer.Forged(SignedCall.Unreadable(call.IsJson));
        }

        var accountSid = Field(form, "AccountSid"u8);
        var genuine = new List<AccountEntry>();
        foreach (var entry in settings.Accounts.Where(entry => entry.Account.AccountSid == accountSid))
        {
            if (SignedCall.IsGenuine(call.Signature, entry.Account, _clock.GetUtcNow(), _addresses, Path, call.Query, call.IsJson, encoded, form))
            {
                genuine.Add(entry);
            }
        }

        if (genuine.Count == 0)
        {
            return CallbackAnswer.WronglySigned;
        }

        if (!ProviderSid.TryParse(Field(form, "MessageSid"u8), out var sid))
        {
            return CallbackAnswer.Malformed("MessageSid: it is missing, repeated, or not SM or MM and 32 hexadecimal digits");
        }

        if (!PhoneNumber.TryParseE164(Field(form, "From"u8), out var from))
        {
            return CallbackAnswer.Malformed("From: it is missing, repeated, or not an E.164 number");
        }

        var to = Field(form, "To"u8);
        if (to.Length is 0 or > MaxAddressLength || to.Contains('\0', StringComparison.Ordinal))
        {
            return CallbackAnswer.Malformed($"To: it is missing, repeated, or longer than {MaxAddressLength} characters");
        }

        var body = Field(form, "Body"u8);
        var optOut = Field(form, "OptOutType"u8);
        var mediaCount = MediaReader.Count(Field(form, "NumMedia"u8));
        owners = OwnersOf(settings, genuine, to);
        var tollFree = owners.Any(tenant => settings.Sender(tenant, to) is { Kind: "toll_free" });
        text = new InboundText(
            sid, genuine[0].Account.Id, from, to, body, KeywordReader.Read(body, optOut.Length == 0 ? null : optOut, tollFree), null, FoundBy.Webhook)
        {
            IsAnswered = optOut is "STOP" or "START" or "HELP",
            MediaCount = mediaCount,
            Media = MediaReader.Read(form, mediaCount),
        };
        return null;
    }

    /// <summary>Whose number it is; where nobody's (any more), all whose account it is: in doubt a STOP counts.</summary>
    private static TenantId[] OwnersOf(ProviderSnapshot settings, List<AccountEntry> accounts, string to)
    {
        var tenants = accounts.Select(entry => entry.Account.Tenant).Distinct().ToArray();
        var owners = tenants.Where(tenant => settings.Sender(tenant, to) is not null).ToArray();
        return owners.Length > 0 ? owners : tenants;
    }

    private async Task<CallbackAnswer> KeepAsync(
        ProviderSnapshot settings, InboundText text, IReadOnlyList<TenantId> owners, CancellationToken cancellation)
    {
        if (text.Keyword == Keyword.Start)
        {
            // When it was written decides what it lifts, and only the provider knows that.
            if (await CreatedAtAsync(settings, text, cancellation).ConfigureAwait(false) is not { } created)
            {
                return new CallbackAnswer(CallbackVerdict.Unavailable, "When the text was created could not be asked: call again.");
            }

            text = text with { CreatedAt = created };
        }

        try
        {
            foreach (var tenant in owners)
            {
                var acknowledgement = await _texts.KeepAsync(tenant, text, cancellation).ConfigureAwait(false);
                if (text.Keyword is Keyword.Stop or Keyword.Review)
                {
                    _stopped.Note(tenant, text.From);
                    await acknowledgement.MayBeToldAsync(cancellation).ConfigureAwait(false);
                }
            }

            return CallbackAnswer.Appended;
        }
        catch (NpgsqlException away)
        {
            Log.InboundNotKept(_logger, text.Sid.ToString(), away.Message);
            return new CallbackAnswer(CallbackVerdict.Unavailable, "The text could not be kept at the moment: call again.");
        }
    }

    private async Task<DateTimeOffset?> CreatedAtAsync(ProviderSnapshot settings, InboundText text, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(FetchDeadline);
        return settings.Account(text.AccountId) is { } entry
            ? (await _provider.FetchAsync(entry.Account, text.Sid, deadline.Token).ConfigureAwait(false))?.CreatedAt
            : null;
    }

    private readonly record struct Call(string Query, string Signature, bool IsJson);

    private static string Field(in FormFields form, ReadOnlySpan<byte> name) => form.TryGet(name, out var value) ? Encoding.UTF8.GetString(value) : "";
}
