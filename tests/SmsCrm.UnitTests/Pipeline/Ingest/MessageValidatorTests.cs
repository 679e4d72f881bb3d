using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Time.Testing;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ingest;
using SmsCrm.Pipeline.Messages;
using Purpose = SmsCrm.Contracts.V1.Purpose;

namespace SmsCrm.UnitTests.Pipeline.Ingest;

public sealed class MessageValidatorTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly IngestCaller Caller = new(new TenantId(Guid.CreateVersion7(Now)), "US");

    private readonly MessageValidator _validator = new(new FakeTimeProvider(Now));

    public static TheoryData<string, Action<SendRequest>> Violations => new()
    {
        { "to", static r => r.To = "" },
        { "to", static r => r.To = "call me" },
        { "to", static r => r.To = "+1415" },
        { "to", static r => r.To = "+99912345678" },
        { "to", static r => r.To = "4155" },
        { "to", static r => r.To = "+14155550123;ext=5" },
        { "to", static r => r.To = new string('1', 200) },
        { "body", static r => r.Body = "" },
        { "body", static r => r.Body = " \n " },
        { "body", static r => r.Body = new string('x', 1601) },
        { "body", static r => r.Body = "a\0b" },
        { "purpose", static r => r.Purpose = Purpose.Unspecified },
        { "purpose", static r => r.Purpose = (Purpose)7 },
        { "campaign_id", static r => r.CampaignId = new string('c', 65) },
        { "campaign_id", static r => r.CampaignId = "line\nbreak" },
        { "campaign_name", static r => (r.CampaignId, r.CampaignName) = ("c", new string('n', 201)) },
        { "campaign_name", static r => r.CampaignName = "of no campaign" },
        { "sender", static r => r.Sender = "" },
        { "sender", static r => r.Sender = "NAMETOOLONGX" },
        { "sender", static r => r.Sender = "+0123" },
        { "sender", static r => r.Sender = "12" },
        { "pool", static r => r.Pool = "" },
        { "pool", static r => r.Pool = new string('p', 65) },
        { "send_at", static r => r.SendAt = Timestamp.FromDateTimeOffset(Now.AddDays(35).AddSeconds(1)) },
        { "send_at", static r => r.SendAt = new Timestamp { Seconds = long.MaxValue } },
        { "send_at", static r => r.SendAt = new Timestamp { Nanos = -1 } },
        { "valid_until", static r => r.ValidUntil = Timestamp.FromDateTimeOffset(Now) },
        { "valid_until", static r => (r.SendAt, r.ValidUntil) = (In(60), In(60)) },
        { "idempotency_key", static r => r.IdempotencyKey = new string('k', 256) },
        { "client_reference", static r => r.ClientReference = new string('r', 65) },
        { "metadata", static r => Fill(r, 21) },
        { "metadata", static r => r.Metadata[""] = "nameless" },
        { "metadata[kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk...].key", static r => r.Metadata[new string('k', 41)] = "" },
        { "metadata[order].value", static r => r.Metadata["order"] = new string('v', 501) },
        { "retry_of", static r => r.RetryOf = "the last one" },
        { "retry_of", static r => r.RetryOf = "6f1ed002-ab59-4e2c-8b76-0d6b3b2b7a51" },
        { "default_country", static r => r.DefaultCountry = "USA" },
        { "default_country", static r => r.DefaultCountry = "us" },
        { "links", static r => r.Links.Add(new Link { Url = "https://example.com" }) },
        { "template_id", static r => r.TemplateId = "welcome" },
        { "media_urls", static r => r.MediaUrls.Add("https://example.com/a.png") },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public void Each_violation_names_its_field_alone(string field, Action<SendRequest> spoil)
    {
        var request = Good();
        spoil(request);

        Assert.Null(_validator.Validate(Caller, request, out var violations));

        Assert.Equal([field], violations!.Select(v => v.Field));
    }

    [Fact]
    public void Every_violation_is_reported_at_once()
    {
        var request = new SendRequest { To = "nobody", DefaultCountry = "XX", RetryOf = "x", TemplateId = "t" };

        Assert.Null(_validator.Validate(Caller, request, out var violations));

        Assert.Equal(["body", "default_country", "purpose", "retry_of", "template_id", "to"], violations!.Select(v => v.Field).Order());
    }

    [Fact]
    public void Violations_name_value_and_remedy()
    {
        var request = Good();
        request.To = "+1415";

        _validator.Validate(Caller, request, out var violations);

        Assert.Equal("is '+1415', which no country assigns: check its digits", Assert.Single(violations!).Detail);
    }

    [Fact]
    public void A_field_of_a_newer_contract_is_refused_by_its_number()
    {
        byte[] newer = [.. Good().ToByteArray(), 0xb2, 0x06, 0x01, 0x78];

        Assert.Null(_validator.Validate(Caller, SendRequest.Parser.ParseFrom(newer), out var violations));

        var violation = Assert.Single(violations!);
        Assert.Equal(("field 102", true), (violation.Field, violation.IsReserved));
    }

    [Theory]
    [InlineData("+14155550123", "", 14155550123, "US")]
    [InlineData("(415) 555-2671", "", 14155552671, "US")]
    [InlineData("020 7183 8750", "GB", 442071838750, "GB")]
    [InlineData("+39 02 4342 1234", "", 390243421234, "IT")]
    [InlineData("+15005550006", "", 15005550006, "")]
    [InlineData("+15005550001", "", 15005550001, "")]
    public void Numbers_become_E164(string to, string country, long digits, string region)
    {
        var request = Good();
        request.To = to;
        request.DefaultCountry = country;

        var valid = _validator.Validate(Caller, request, out _);

        Assert.NotNull(valid);
        Assert.Equal(digits, valid.Recipient.Digits);
        if (region.Length > 0)
        {
            Assert.Equal(region, valid.Record.Country);
        }
    }

    [Theory]
    [InlineData("+14155550100")]
    [InlineData("12345")]
    [InlineData("ACME Shop")]
    public void Senders_are_numbers_short_codes_or_names(string sender)
    {
        var request = Good();
        request.Sender = sender;

        Assert.Equal(sender, _validator.Validate(Caller, request, out _)?.Record.Sender);
    }

    [Fact]
    public void The_longest_of_everything_is_accepted()
    {
        var request = Good();
        request.Body = new string('x', 1600);
        request.CampaignId = new string('c', 64);
        request.CampaignName = new string('n', 200);
        request.Pool = new string('p', 64);
        request.IdempotencyKey = new string('k', 255);
        request.ClientReference = new string('r', 64);
        request.SendAt = Timestamp.FromDateTimeOffset(Now.AddDays(35));
        request.ValidUntil = Timestamp.FromDateTimeOffset(Now.AddDays(36));
        Fill(request, 20);

        Assert.NotNull(_validator.Validate(Caller, request, out _));
    }

    [Fact]
    public void The_same_request_has_the_same_hash_whatever_names_it()
    {
        var one = Good();
        one.Metadata.Add("a", "1");
        one.Metadata.Add("b", "2");
        var other = Good();
        other.To = "(415) 555-0123";
        other.Metadata.Add("b", "2");
        other.Metadata.Add("a", "1");
        other.IdempotencyKey = "k";
        other.ClientReference = "second try";

        Assert.Equal(HashOf(one), HashOf(other));
    }

    [Fact]
    public void Another_text_has_another_hash()
    {
        var other = Good();
        other.Body += "!";

        Assert.NotEqual(HashOf(Good()), HashOf(other));
    }

    private byte[] HashOf(SendRequest request) => OutgoingRequest.HashOf(_validator.Validate(Caller, request, out _)!.Record);

    private static SendRequest Good() => new() { To = "+14155550123", Body = "Your code is 123456", Purpose = Purpose.Transactional };

    private static Timestamp In(int seconds) => Timestamp.FromDateTimeOffset(Now.AddSeconds(seconds));

    private static void Fill(SendRequest request, int entries)
    {
        for (var i = 0; i < entries; i++)
        {
            request.Metadata[$"key{i}"] = new string('v', 500);
        }
    }
}
