namespace SmsCrm.TwilioSimulator.Api;

/// <summary>The <c>error_message</c> of a message that failed or was not delivered.</summary>
internal static class DeliveryErrors
{
    public static string Text(int code) => code switch
    {
        21703 => "The Messaging Service does not have a phone number available to send a message",
        30001 => "Queue overflow",
        30002 => "Account suspended",
        30003 => "Unreachable destination handset",
        30004 => "Message blocked",
        30005 => "Unknown destination handset",
        30006 => "Landline or unreachable carrier",
        30007 => "Message filtered",
        30017 => "Carrier network congestion",
        30022 => "US A2P 10DLC - Rate Limits Exceeded",
        30023 => "US A2P 10DLC - Daily Message Cap Reached",
        30034 => "US A2P 10DLC - Message from an Unregistered Number",
        30036 => "Validity Period Expired",
        _ => "Unknown error",
    };
}
