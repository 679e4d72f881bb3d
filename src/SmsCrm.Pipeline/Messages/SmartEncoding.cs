using System.Text;

namespace SmsCrm.Pipeline.Messages;

/// <summary>
/// What Twilio's smart encoding makes of a text before it is counted and sent: look-alikes of GSM-7 characters (curly quotes, dashes, odd blanks)
/// become them, so that one typographic quote does not turn a text to UCS-2. The table is generated from npm sms-segments-calculator 1.3.0; the live
/// encoder may differ.
/// </summary>
public static partial class SmartEncoding
{
    /// <summary>The same text where nothing is to be replaced.</summary>
    public static string Apply(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (Table.ContainsKey(text[i]))
            {
                return Replace(text, i);
            }
        }

        return text;
    }

    private static string Replace(string text, int first)
    {
        var replaced = new StringBuilder(text.Length + 16).Append(text, 0, first);
        foreach (var character in text.AsSpan(first))
        {
            if (Table.TryGetValue(character, out var instead))
            {
                replaced.Append(instead);
            }
            else
            {
                replaced.Append(character);
            }
        }

        return replaced.ToString();
    }
}
