namespace SmsCrm.TwilioSimulator.Api;

/// <summary>A refusal as Twilio words it.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">Twilio's error code.</param>
internal sealed record ApiError(int Status, int Code, string Message)
{
    public static readonly ApiError Unauthenticated = new(401, 20003, "Authenticate");
    public static readonly ApiError TestCredentials = new(403, 20008, "Resource not accessible with Test Account Credentials");
    public static readonly ApiError MethodNotAllowed = new(405, 20004, "Method not allowed");
    public static readonly ApiError TooManyRequests = new(429, 20429, "Too Many Requests");
    public static readonly ApiError PageSizeTooLarge = new(400, 20007, "Page size must be between 1 and 1000");
    public static readonly ApiError NotComplete = new(409, 20009, "Cannot delete or redact this resource before it is complete");
    public static readonly ApiError NotCancelable = new(400, 30409, "This message cannot be canceled");
    public static readonly ApiError BodyMissing = new(400, 21602, "Message body is required.");
    public static readonly ApiError FromMissing = new(400, 21603, "A 'From' or 'MessagingServiceSid' parameter is required to send a message");
    public static readonly ApiError ToMissing = new(400, 21604, "A 'To' phone number is required.");
    public static readonly ApiError QueueFull = new(400, 21611, "This 'From' number has exceeded the maximum number of queued messages");
    public static readonly ApiError BodyTooLong = new(400, 21617, "The concatenated message body exceeds the 1600 character limit");
    public static readonly ApiError TooManyMedia = new(400, 21623, "Number of media files exceeds allowed limit");
    public static readonly ApiError ValidityPeriod = new(400, 21624, "Invalid validity period value");
    public static readonly ApiError ServiceUnknown = new(400, 21701, "The Messaging Service does not exist");
    public static readonly ApiError SendAtMissing = new(400, 35111, "SendAt timestamp is missing");
    public static readonly ApiError SendAtOutOfWindow = new(400, 35114, "SendAt time must be between 900 seconds and 35 days (3024000 seconds) in the future");
    public static readonly ApiError ScheduleWithoutService = new(400, 35118, "MessagingServiceSid is required to schedule a message");

    public static ApiError NotFound(string path) => new(404, 20404, $"The requested resource {path} was not found");

    public static ApiError InvalidParameter(string name, string value, string expected) =>
        new(400, 20001, $"Invalid parameter {name}: '{value}' is not {expected}");

    public static ApiError ToInvalid(string to) => new(400, 21211, $"Invalid 'To' Phone Number: {to}");

    public static ApiError FromInvalid(string from) => new(400, 21212,
        $"The 'From' number {from} is not a valid phone number, shortcode, or alphanumeric sender ID.");

    public static ApiError RegionNotEnabled(string to) => new(400, 21408,
        $"Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {to}");

    public static ApiError FromNotCapable(string from) => new(400, 21606,
        $"The 'From' phone number {from} is not a valid message-capable Twilio phone number for this destination.");

    public static ApiError StatusCallbackInvalid(string url) => new(400, 21609, $"The 'StatusCallback' URL {url} is not a valid URL.");

    public static readonly ApiError Unsubscribed = new(400, 21610, "Attempt to send to unsubscribed recipient");

    public static ApiError Unreachable(string to, string from) => new(400, 21612,
        $"Message cannot be sent with the current combination of 'To' ({to}) and/or 'From' ({from}) parameters");

    public static ApiError NotMobile(string to) => new(400, 21614, $"To number: {to}, is not a mobile number");

    public static ApiError MediaUrlInvalid(string url) => new(400, 21620, $"Invalid media URL(s): {url}");

    /// <summary>The HTTP status of a code that a knob asks for, where it names none.</summary>
    public static int UsualStatus(int code) => code switch
    {
        20003 => 401,
        20403 or 20008 => 403,
        20404 => 404,
        20429 => 429,
        20500 => 500,
        20503 => 503,
        _ => 400,
    };
}
