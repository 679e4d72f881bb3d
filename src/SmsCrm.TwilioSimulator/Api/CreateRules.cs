using System.Globalization;
using SmsCrm.TwilioSimulator.Callbacks;
using SmsCrm.TwilioSimulator.Delivery;
using SmsCrm.TwilioSimulator.Ledger;
using SmsCrm.TwilioSimulator.Senders;

namespace SmsCrm.TwilioSimulator.Api;

/// <summary>What Twilio asks of a create's parameters.</summary>
internal sealed class CreateRules(SenderPool pool)
{
    public const int LongestBody = 1600;
    public const int MostMedia = 10;
    public const int LongestValiditySeconds = 36_000;
    private const long LeastScheduleMs = 15 * 60 * 1000L;
    private const long MostScheduleMs = 35 * 24 * 3600 * 1000L;

    /// <summary>Null when all is well, else the first thing that is not.</summary>
    /// <param name="checkedForm">What was understood of the form; only meaningful without an error.</param>
    public ApiError? Check(Account account, CreateForm form, long nowMs, out CheckedForm checkedForm)
    {
        checkedForm = new CheckedForm();
        return CheckAddresses(account, form)
            ?? CheckContent(form)
            ?? CheckCallback(form, ref checkedForm)
            ?? CheckTiming(form, nowMs, ref checkedForm);
    }

    private ApiError? CheckAddresses(Account account, CreateForm form)
    {
        if (string.IsNullOrEmpty(form.To))
            return ApiError.ToMissing;
        var hasService = !string.IsNullOrEmpty(form.MessagingServiceSid);
        if (string.IsNullOrEmpty(form.From) && !hasService)
            return ApiError.FromMissing;
        if (hasService && !ResourceSid.IsWellFormed(form.MessagingServiceSid, "MG"))
            return ApiError.ServiceUnknown;
        if (hasService && !pool.Knows(form.MessagingServiceSid!))
            return ApiError.ServiceUnknown;
        if (!Address.IsRecipient(form.To))
            return ApiError.ToInvalid(form.To);
        if (!string.IsNullOrEmpty(form.From) && CheckFrom(account, form.From) is { } error)
            return error;
        return MagicNumbers.To(form.To, form.From ?? form.MessagingServiceSid ?? "");
    }

    private static ApiError? CheckFrom(Account account, string from)
    {
        if (Address.KindOf(from) is null)
            return ApiError.FromInvalid(from);
        if (MagicNumbers.From(from) is { } magic)
            return magic;
        var isAllowed = account.Configured.TestCredentials ? from == MagicNumbers.GoodFrom : account.MaySendFrom(from);
        return isAllowed ? null : ApiError.FromNotCapable(from);
    }

    private static ApiError? CheckContent(CreateForm form)
    {
        if (string.IsNullOrEmpty(form.Body) && form.MediaUrls.Count == 0 && string.IsNullOrEmpty(form.ContentSid))
            return ApiError.BodyMissing;
        if (form.Body?.Length > LongestBody)
            return ApiError.BodyTooLong;
        if (form.MediaUrls.Count > MostMedia)
            return ApiError.TooManyMedia;
        foreach (var url in form.MediaUrls)
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                return ApiError.MediaUrlInvalid(url);
        }
        if (!string.IsNullOrEmpty(form.ContentSid) && !ResourceSid.IsWellFormed(form.ContentSid, "HX"))
            return ApiError.InvalidParameter("ContentSid", form.ContentSid, "HX and 32 hexadecimal digits");
        return null;
    }

    private ApiError? CheckCallback(CreateForm form, ref CheckedForm checkedForm)
    {
        var url = form.StatusCallback;
        if (string.IsNullOrEmpty(url))
            url = form.MessagingServiceSid is { } service ? pool.Find(service)?.StatusCallback : null;
        if (string.IsNullOrEmpty(url))
            return null;
        if (!CallbackTarget.TryParse(url, out var target))
            return ApiError.StatusCallbackInvalid(url);
        checkedForm = checkedForm with { StatusCallback = url, Target = target };
        return null;
    }

    private static ApiError? CheckTiming(CreateForm form, long nowMs, ref CheckedForm checkedForm)
    {
        if (form.ValidityPeriod is not null)
        {
            if (!int.TryParse(form.ValidityPeriod, NumberStyles.None, CultureInfo.InvariantCulture, out var validity)
                || validity is < 1 or > LongestValiditySeconds)
                return ApiError.ValidityPeriod;
            checkedForm = checkedForm with { ValiditySeconds = validity };
        }
        if (string.IsNullOrEmpty(form.ScheduleType) && string.IsNullOrEmpty(form.SendAt))
            return null;
        if (form.ScheduleType != "fixed")
            return ApiError.InvalidParameter("ScheduleType", form.ScheduleType ?? "", "fixed, which is what SendAt needs");
        if (string.IsNullOrEmpty(form.MessagingServiceSid))
            return ApiError.ScheduleWithoutService;
        if (string.IsNullOrEmpty(form.SendAt))
            return ApiError.SendAtMissing;
        if (!CreateForm.TryParseDate(form.SendAt, out var sendAt))
            return ApiError.InvalidParameter("SendAt", form.SendAt, "a date and time of ISO 8601");
        var sendAtMs = sendAt.ToUnixTimeMilliseconds();
        if (sendAtMs < nowMs + LeastScheduleMs || sendAtMs > nowMs + MostScheduleMs)
            return ApiError.SendAtOutOfWindow;
        checkedForm = checkedForm with { SendAtMs = sendAtMs };
        return null;
    }
}

/// <summary>What the rules understood of a create.</summary>
internal readonly record struct CheckedForm
{
    public CheckedForm()
    {
    }

    /// <summary>The message's own, else its service's; null for none.</summary>
    public string? StatusCallback { get; init; }
    public CallbackTarget? Target { get; init; }
    public int ValiditySeconds { get; init; } = CreateRules.LongestValiditySeconds;

    /// <summary>0 where it goes at once.</summary>
    public long SendAtMs { get; init; }

    public MessageStatus InitialStatus(bool hasService) =>
        SendAtMs != 0 ? MessageStatus.Scheduled : hasService ? MessageStatus.Accepted : MessageStatus.Queued;
}
