using System.Text;
using SmsCrm.TwilioSimulator;
using SmsCrm.TwilioSimulator.Api;
using SmsCrm.TwilioSimulator.Delivery;
using SmsCrm.TwilioSimulator.Ledger;
using SmsCrm.TwilioSimulator.Senders;

namespace SmsCrm.UnitTests.TwilioSimulator.Api;

public sealed class CreateRulesTests
{
    private const string Good = "To=%2B14155550101&From=%2B14155550100&Body=Hi";
    private const string Service = "MG0123456789abcdef0123456789abcdef";
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("From=%2B14155550100&Body=Hi", 21604)]
    [InlineData("To=&From=%2B14155550100&Body=Hi", 21604)]
    [InlineData("To=%2B14155550101&Body=Hi", 21603)]
    [InlineData("To=%2B14155550101&From=%2B14155550100", 21602)]
    [InlineData("To=%2B14155550101&From=%2B14155550100&Body=", 21602)]
    [InlineData("To=4155550101&From=%2B14155550100&Body=Hi", 21211)]
    [InlineData("To=+14155550101&From=%2B14155550100&Body=Hi", 21211)]
    [InlineData("To=%2B04155550101&From=%2B14155550100&Body=Hi", 21211)]
    [InlineData("To=%2B14155550101&From=way-too-long-a-name&Body=Hi", 21212)]
    [InlineData("To=%2B14155550101&From=%2B1415x&Body=Hi", 21212)]
    [InlineData("To=%2B14155550101&MessagingServiceSid=MG1&Body=Hi", 21701)]
    [InlineData(Good + "&StatusCallback=ftp%3A%2F%2Fexample.com", 21609)]
    [InlineData(Good + "&StatusCallback=%2Frelative", 21609)]
    [InlineData(Good + "&StatusCallback=https%3A%2F%2Fa_b.example.com%2F", 21609)]
    [InlineData(Good + "&ValidityPeriod=0", 21624)]
    [InlineData(Good + "&ValidityPeriod=36001", 21624)]
    [InlineData(Good + "&ValidityPeriod=soon", 21624)]
    [InlineData(Good + "&MediaUrl=nowhere", 21620)]
    [InlineData(Good + "&ScheduleType=fixed&SendAt=2026-01-31T13:00:00Z", 35118)]
    [InlineData("To=%2B14155550101&MessagingServiceSid=" + Service + "&Body=Hi&ScheduleType=fixed", 35111)]
    [InlineData("To=%2B14155550101&MessagingServiceSid=" + Service + "&Body=Hi&ScheduleType=fixed&SendAt=2026-01-31T12:14:59Z", 35114)]
    [InlineData("To=%2B14155550101&MessagingServiceSid=" + Service + "&Body=Hi&ScheduleType=fixed&SendAt=2026-03-08T12:00:00Z", 35114)]
    [InlineData("To=%2B14155550101&MessagingServiceSid=" + Service + "&Body=Hi&ScheduleType=fixed&SendAt=tomorrow", 20001)]
    public void A_create_that_twilio_would_refuse_is_refused_with_its_code(string form, int code) => Assert.Equal(code, CodeOf(form));

    [Theory]
    [InlineData("+15005550001", 21212)]
    [InlineData("+15005550007", 21606)]
    [InlineData("+15005550008", 21611)]
    [InlineData("+15005550006", null)]
    public void Magic_senders_answer_as_twilio_documents(string from, int? code) =>
        Assert.Equal(code, CodeOf($"To=%2B14155550101&From={Uri.EscapeDataString(from)}&Body=Hi"));

    [Theory]
    [InlineData("+15005550001", 21211)]
    [InlineData("+15005550002", 21612)]
    [InlineData("+15005550003", 21408)]
    [InlineData("+15005550004", 21610)]
    [InlineData("+15005550009", 21614)]
    [InlineData("+15005550010", null)]
    [InlineData("+15005550006", null)]
    public void Magic_recipients_answer_as_twilio_documents(string to, int? code) =>
        Assert.Equal(code, CodeOf($"To={Uri.EscapeDataString(to)}&From=%2B15005550006&Body=Hi"));

    [Fact]
    public void Test_credentials_send_from_the_magic_number_only()
    {
        var account = new SimulatedAccount("AC00000000000000000000000000000001", "token") { TestCredentials = true };

        Assert.Null(CodeOf("To=%2B14155550101&From=%2B15005550006&Body=Hi", account));
        Assert.Equal(21606, CodeOf(Good, account));
    }

    [Fact]
    public void An_account_with_a_list_of_senders_sends_from_those_only()
    {
        var account = new SimulatedAccount("AC00000000000000000000000000000001", "token") { Senders = ["+14155550100"] };

        Assert.Null(CodeOf(Good, account));
        Assert.Equal(21606, CodeOf("To=%2B14155550101&From=12345&Body=Hi", account));
    }

    [Theory]
    [InlineData(1600, null)]
    [InlineData(1601, 21617)]
    public void A_text_has_at_most_1600_characters(int length, int? code) =>
        Assert.Equal(code, CodeOf($"To=%2B14155550101&From=%2B14155550100&Body={new string('a', length)}"));

    [Theory]
    [InlineData(10, null)]
    [InlineData(11, 21623)]
    public void A_message_has_at_most_ten_media(int count, int? code) =>
        Assert.Equal(code, CodeOf(Good + string.Concat(Enumerable.Repeat("&MediaUrl=https%3A%2F%2Fexample.com%2Fa.png", count))));

    [Fact]
    public void With_services_configured_an_unknown_one_is_refused()
    {
        var options = new TwilioSimulatorOptions { MessagingServices = [new SimulatedMessagingService("MG" + new string('f', 32), ["12345"])] };

        Assert.Equal(21701, CodeOf($"To=%2B14155550101&MessagingServiceSid={Service}&Body=Hi", options: options));
    }

    [Theory]
    [InlineData("", MessageStatus.Queued)]
    [InlineData("&MessagingServiceSid=" + Service, MessageStatus.Accepted)]
    [InlineData("&MessagingServiceSid=" + Service + "&ScheduleType=fixed&SendAt=2026-01-31T12:15:00Z", MessageStatus.Scheduled)]
    internal void The_first_status_says_who_chooses_the_sender_and_when(string more, MessageStatus status)
    {
        var form = CreateForm.Read(Encoding.UTF8.GetBytes(Good + more));

        Assert.Null(Rules(new TwilioSimulatorOptions()).Check(AccountOf(SimulatedAccount.Demo), form, Now.ToUnixTimeMilliseconds(), out var understood));
        Assert.Equal(status, understood.InitialStatus(hasService: more.Length > 0));
    }

    private static int? CodeOf(string form, SimulatedAccount? account = null, TwilioSimulatorOptions? options = null) =>
        Rules(options ?? new TwilioSimulatorOptions()).Check(
            AccountOf(account ?? SimulatedAccount.Demo), CreateForm.Read(Encoding.UTF8.GetBytes(form)), Now.ToUnixTimeMilliseconds(), out _)?.Code;

    private static CreateRules Rules(TwilioSimulatorOptions options) => new(new SenderPool(options, new SenderBook()));

    private static Account AccountOf(SimulatedAccount account) => new(account, number: 0);
}
