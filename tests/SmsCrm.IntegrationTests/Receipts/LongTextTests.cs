using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Receipts;

/// <summary>Texts that are longer than what is kept as evidence, with characters wherever a cut may part them.</summary>
public sealed class LongTextTests(TwilioServer server) : IClassFixture<TwilioServer>
{
    private const int Texts = 40;
    private const int WordingLength = 2_000;

    [Theory]
    [InlineData(null)]
    [InlineData("STOP")]
    public async Task A_wish_to_stop_whose_emoji_the_evidence_would_part_suppresses(string? optOutType)
    {
        var number = new PhoneNumber(optOutType is null ? 14155552001 : 14155552002);
        var body = "please stop " + new string('a', 1_987) + "😀 thank you";

        var (status, _) = await server.WriteAsync(number.ToString(), body, optOutType: optOutType);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(await server.IsSuppressedAsync(number));
        Assert.Equal(body, await ReadAsync(number, "body FROM inbound_texts"));
        Assert.Equal(body[..1_999], await ReadAsync(number, "wording FROM consent_records"));
    }

    [Fact]
    public async Task Fuzzed_long_texts_that_wish_to_stop_suppress_wherever_emoji_and_broken_characters_stand()
    {
        var random = new Random(TestRun.Seed());
        var wishes = Enumerable.Range(0, Texts).Select(n => (Number: new PhoneNumber(14155553000 + n), Body: Long(random), IsMatched: random.Next(2) == 0)).ToList();

        // At once, since each is answered only after its 2.1 s.
        await Task.WhenAll(wishes.Select(async wish =>
        {
            var (status, answer) = await WriteAsync(wish.Number, wish.Body, wish.IsMatched);
            Assert.True(status == HttpStatusCode.OK, $"{wish.Number} was answered {(int)status} {answer}");
        }));

        foreach (var (number, body, _) in wishes)
        {
            Assert.True(await server.IsSuppressedAsync(number));
            var text = Encoding.UTF8.GetString(body);
            Assert.Equal(text, await ReadAsync(number, "body FROM inbound_texts"));
            var wording = (await ReadAsync(number, "wording FROM consent_records"))!;
            Assert.StartsWith(wording, text, StringComparison.Ordinal);
            Assert.InRange(wording.Length, WordingLength - 1, WordingLength);
        }
    }

    /// <summary>A wish to stop, letters up to about where the evidence ends, then emoji and bytes that are halves of them.</summary>
    private static byte[] Long(Random random)
    {
        byte[][] odd = [Encoding.UTF8.GetBytes("😀"), [0xED, 0xA0, 0xBD], [0xED, 0xB8, 0x80], [0xF0, 0x9F], Encoding.UTF8.GetBytes("é"), [(byte)'a']];
        var body = new List<byte>(Encoding.ASCII.GetBytes("please stop " + new string('a', random.Next(WordingLength - 40, WordingLength - 12))));
        for (var n = 0; n < 40; n++)
        {
            body.AddRange(odd[random.Next(odd.Length)]);
        }

        return [.. body];
    }

    private async Task<(HttpStatusCode Status, string Body)> WriteAsync(PhoneNumber from, byte[] body, bool isMatched)
    {
        Dictionary<string, byte[]> form = new()
        {
            ["AccountSid"] = Encoding.ASCII.GetBytes(TwilioServer.AccountSid),
            ["Body"] = body,
            ["From"] = Encoding.ASCII.GetBytes(from.ToString()),
            ["MessageSid"] = Encoding.ASCII.GetBytes(TwilioServer.NewSid()),
            ["OptOutType"] = Encoding.ASCII.GetBytes(isMatched ? "STOP" : ""),
            ["To"] = Encoding.ASCII.GetBytes(TwilioServer.Sender),
        };
        var encoded = string.Join('&', form.Select(field => $"{field.Key}={string.Concat(field.Value.Select(b => string.Create(CultureInfo.InvariantCulture, $"%{b:X2}")))}"));
        using var content = new StringContent(encoded, Encoding.ASCII, new MediaTypeHeaderValue("application/x-www-form-urlencoded"));
        return await server.PostAsync("/twilio/inbound", content, TwilioServer.Sign("/twilio/inbound", form));
    }

    private Task<string?> ReadAsync(PhoneNumber number, string what) => server.Bench.ScalarAsync<string>($"SELECT {what} WHERE number = {number.Digits}");
}
