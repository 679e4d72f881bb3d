using System.Security;
using System.Text;
using System.Xml;

namespace SmsCrm.Pipeline.Receipts.Inbound;

/// <summary>What becomes of an inbound text, and what its sender is told.</summary>
/// <param name="Text">Null: nothing beyond what the provider answers itself.</param>
public readonly record struct InboundAnswer(CallbackAnswer Callback, string? Text)
{
    public const string TwimlContentType = "text/xml; charset=utf-8";

    public static implicit operator InboundAnswer(CallbackAnswer callback) => new(callback, null);

    /// <summary>The answer as TwiML (https://www.twilio.com/docs/messaging/twiml): one message, or none.</summary>
    public string ToTwiml() => Text is null
        ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>"
        : $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Message>{Escape(Text)}</Message></Response>";

    /// <summary>What XML can't hold is left out.</summary>
    private static string Escape(string text)
    {
        var allowed = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!rune.IsBmp || XmlConvert.IsXmlChar((char)rune.Value))
            {
                allowed.Append(rune.ToString());
            }
        }

        return SecurityElement.Escape(allowed.ToString());
    }
}
