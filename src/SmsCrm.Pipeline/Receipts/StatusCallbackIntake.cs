using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SmsCrm.Contracts;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Streams.Producing;

namespace SmsCrm.Pipeline.Receipts;

/// <summary>
/// Takes the provider's status callbacks: verifies, and appends to <c>sms.events</c>. Postgres has no part in it, so that callbacks
/// are taken while it is away.
/// </summary>
public sealed class StatusCallbackIntake
{
    /// <summary>Longer than any callback of Twilio's.</summary>
    public const int MaxBodyBytes = 16 * 1024;

    private const int MaxStatusLength = 32;
    private readonly ProviderDirectory _directory;
    private readonly RecordProducer _producer;
    private readonly ReceiptsMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<StatusCallbackIntake> _logger;
    private readonly string[] _addresses;
    private readonly TimeSpan _appendTimeout;

    internal StatusCallbackIntake(
        ProviderDirectory directory,
        RecordProducer producer,
        IOptions<ProviderOptions> provider,
        IOptions<ReceiptsOptions> options,
        ReceiptsMetrics metrics,
        TimeProvider time,
        ILogger<StatusCallbackIntake> logger)
    {
        _directory = directory;
        _producer = producer;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _addresses = TwilioSignature.Variants(provider.Value.PublicBaseUrl.TrimEnd('/'));
        _appendTimeout = TimeSpan.FromMilliseconds(options.Value.AppendTimeoutMs);
    }

    /// <param name="query">As it was received, escaped, with its question mark.</param>
    /// <param name="signature">The header <c>X-Twilio-Signature</c>; null where there is none.</param>
    /// <param name="isJson">The body is JSON, whose hash the query carries; else a form.</param>
    public async ValueTask<CallbackAnswer> TakeAsync(string query, string? signature, bool isJson, PipeReader body, CancellationToken cancellation)
    {
        var answer = await JudgeAndAppendAsync(query, signature, isJson, body, cancellation).ConfigureAwait(false);
        _metrics.Received(answer.Verdict);
        if (answer.Verdict is CallbackVerdict.Malformed or CallbackVerdict.Forged or CallbackVerdict.TooLarge)
        {
            Log.CallbackRefused(_logger, answer.Detail);
        }

        return answer;
    }

    private async ValueTask<CallbackAnswer> JudgeAndAppendAsync(string query, string? signature, bool isJson, PipeReader body, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(signature))
        {
            return CallbackAnswer.Unsigned;
        }

        if (_directory.Current.Version == 0)
        {
            return new CallbackAnswer(CallbackVerdict.Unavailable, "The accounts are not known yet: call again.");
        }

        var read = await CallbackBody.ReadAsync(body, MaxBodyBytes, cancellation).ConfigureAwait(false);
        if (read is not { } buffer)
        {
            return new CallbackAnswer(CallbackVerdict.TooLarge, $"The body is longer than {MaxBodyBytes} bytes.");
        }

        var answer = Judge(new Call(query, signature, isJson), buffer, out var subject, out var callback);
        body.AdvanceTo(buffer.End);
        return callback is null ? answer : await AppendAsync(subject, callback, cancellation).ConfigureAwait(false);
    }

    private CallbackAnswer Judge(Call call, in ReadOnlySequence<byte> body, out CallbackSubject subject, out StatusCallback? callback)
    {
        (subject, callback) = (default, null);
        var length = (int)body.Length;
        var encoded = ArrayPool<byte>.Shared.Rent(length);
        var text = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            body.CopyTo(encoded);
            Span<FormField> fields = stackalloc FormField[FormFields.MaxFields];
            var received = encoded.AsSpan(0, length);
            return SignedCall.TryRead(call.IsJson, received, text, fields, out var form)
                ? Judge(call, received, form, out subject, out callback)
                : CallbackAnswer.Forged(SignedCall.Unreadable(call.IsJson));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(encoded);
            ArrayPool<byte>.Shared.Return(text);
        }
    }

    /// <summary>Who signed it comes before what is wrong with it: whoever guesses learns nothing.</summary>
    private CallbackAnswer Judge(Call call, ReadOnlySpan<byte> body, in FormFields form, out CallbackSubject subject, out StatusCallback? callback)
    {
        callback = null;
        var unreadable = CallbackSubject.Read(call.Query, out subject);
        var sid = form.TryGet("AccountSid"u8, out var field) ? Encoding.ASCII.GetString(field) : "";
        var signer = unreadable is null
            ? Signer(call, body, form, _directory.Current.Account(subject.Tenant, sid))
            : Signer(call, body, form, [.. _directory.Current.Accounts.Where(entry => entry.Account.AccountSid == sid)]);
        if (signer is null)
        {
            return CallbackAnswer.WronglySigned;
        }

        return (unreadable ?? ReadFields(form, subject, signer, out callback)) is { } wrong ? CallbackAnswer.Malformed(wrong) : CallbackAnswer.Appended;
    }

    private ProviderAccount? Signer(Call call, ReadOnlySpan<byte> body, in FormFields form, params ReadOnlySpan<AccountEntry?> candidates)
    {
        foreach (var candidate in candidates)
        {
            if (candidate is { Account: var account }
                && SignedCall.IsGenuine(call.Signature, account, _time.GetUtcNow(), _addresses, StatusCallbackUrl.Path, call.Query, call.IsJson, body, form))
            {
                return account;
            }
        }

        return null;
    }

    private static string? ReadFields(in FormFields form, CallbackSubject subject, ProviderAccount account, [MaybeNull] out StatusCallback callback)
    {
        callback = null;
        if (!form.TryGet("MessageSid"u8, out var sid) || !ProviderSid.TryParse(Encoding.UTF8.GetString(sid), out var messageSid))
        {
            return "MessageSid: it is missing, repeated, or not SM or MM and 32 hexadecimal digits";
        }

        if (!form.TryGet("MessageStatus"u8, out var status) || status.Length is 0 or > MaxStatusLength || status.ContainsAnyExcept(StatusLetters))
        {
            return $"MessageStatus: it is missing, repeated, or not a word of up to {MaxStatusLength} letters";
        }

        var errorCode = 0;
        if (form.TryGet("ErrorCode"u8, out var code) && code.Length > 0
            && (!Utf8Parser.TryParse(code, out errorCode, out var used) || used != code.Length || errorCode < 0))
        {
            return "ErrorCode: it is not a number";
        }

        callback = new StatusCallback
        {
            TenantId = ByteString.CopyFrom(subject.Tenant.ToBytes()),
            MessageId = ByteString.CopyFrom(subject.Message.ToBytes()),
            Attempt = subject.Attempt,
            AccountSid = account.AccountSid,
            MessageSid = messageSid.ToString(),
            Status = Encoding.ASCII.GetString(status),
            ErrorCode = errorCode,
            RawDlrDoneDate = form.TryGet("RawDlrDoneDate"u8, out var done) && done.Length <= 20 ? Encoding.UTF8.GetString(done) : "",
            Recipient = form.TryGet("To"u8, out var to) && PhoneNumber.TryParseE164(Encoding.UTF8.GetString(to), out var number) ? (ulong)number.Digits : 0,
        };
        return null;
    }

    private static readonly SearchValues<byte> StatusLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-"u8);

    private readonly record struct Call(string Query, string Signature, bool IsJson);

    private async ValueTask<CallbackAnswer> AppendAsync(CallbackSubject subject, StatusCallback callback, CancellationToken cancellation)
    {
        var record = new EventRecord { ReceivedAt = Timestamp.FromDateTimeOffset(_time.GetUtcNow()), Status = callback };
        var key = subject.Message.ToBytes();
        var outgoing = new OutgoingRecord(
            Topics.Events, key, record.ToByteArray(), [new(RecordHeaders.Tenant, subject.Tenant.ToBytes()), new(RecordHeaders.MessageId, key)]);
        string? why;
        try
        {
            var outcome = await _producer.ProduceAsync(outgoing, cancellation).AsTask().WaitAsync(_appendTimeout, _time, cancellation).ConfigureAwait(false);
            if (outcome.IsAcknowledged)
            {
                return CallbackAnswer.Appended;
            }

            why = outcome.Reason;
        }
        catch (TimeoutException)
        {
            why = $"no acknowledgement within {_appendTimeout.TotalMilliseconds:0} ms";
        }

        Log.CallbackNotAppended(_logger, subject.Message.Value, why ?? "");
        return new CallbackAnswer(CallbackVerdict.Unavailable, "The callback could not be kept at the moment: call again.");
    }
}
