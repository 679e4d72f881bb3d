using System.Globalization;
using SmsCrm.TwilioSimulator.Api;
using SmsCrm.TwilioSimulator.Delivery;
using SmsCrm.TwilioSimulator.Knobs;
using SmsCrm.TwilioSimulator.Ledger;

namespace SmsCrm.TwilioSimulator.Callbacks;

/// <summary>A webhook to be sent, and sent again where it fails.</summary>
internal abstract class Callback(CallbackTarget target, Account account, int index, MessageStatus status) : DueWork
{
    public CallbackTarget Target => target;

    /// <summary>The message's place in the ledger, which is told when the callback is settled.</summary>
    public int Index => index;

    public MessageStatus Status => status;

    public Account Account => account;

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; set; }

    /// <summary>When it was first tried; 0 before that.</summary>
    public long FirstTriedMs { get; set; }

    /// <summary>The same for every attempt, so that a receiver can tell a retry.</summary>
    public abstract string IdempotencyToken { get; }

    /// <summary>Writes the parameters in ordinal order.</summary>
    public abstract void Fill(SignedForm form);

    /// <summary>A function of message and status, and so the same after a restart as well.</summary>
    protected static string Token(string sid, MessageStatus status)
    {
        var (a, b) = (Draws.Mix(Hash64.Of(sid) + (ulong)status), Draws.Mix(Hash64.Of(sid) ^ ((ulong)status << 32)));
        return string.Create(CultureInfo.InvariantCulture,
            $"{(uint)(a >> 32):x8}-{(ushort)(a >> 16):x4}-{(ushort)a:x4}-{(ushort)(b >> 48):x4}-{b & 0xFFFFFFFFFFFF:x12}");
    }
}

/// <summary>Tells one status of one message.</summary>
internal sealed class StatusCallback(
    CallbackTarget target, Account account, int index, string sid, string? from, string to, string? serviceSid, MessageStatus status, int errorCode, long atMs)
    : Callback(target, account, index, status)
{
    public override string IdempotencyToken => Token(sid, Status);

    public override void Fill(SignedForm form)
    {
        form.Add("AccountSid"u8, Account.Sid);
        form.Add("ApiVersion"u8, "2010-04-01");
        if (errorCode != 0)
            form.Add("ErrorCode"u8, errorCode.ToString(CultureInfo.InvariantCulture));
        if (from is not null)
            form.Add("From"u8, from);
        form.Add("MessageSid"u8, sid);
        form.Add("MessageStatus"u8, Status.Name());
        if (serviceSid is not null)
            form.Add("MessagingServiceSid"u8, serviceSid);
        if (Status is MessageStatus.Delivered or MessageStatus.Undelivered)
            form.Add("RawDlrDoneDate"u8, DateTimeOffset.FromUnixTimeMilliseconds(atMs).ToString("yyMMddHHmm", CultureInfo.InvariantCulture));
        form.Add("SmsSid"u8, sid);
        form.Add("SmsStatus"u8, Status.Name());
        form.Add("To"u8, to);
    }
}
