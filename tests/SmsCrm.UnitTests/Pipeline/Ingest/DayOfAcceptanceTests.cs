using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ingest;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using Purpose = SmsCrm.Contracts.V1.Purpose;

namespace SmsCrm.UnitTests.Pipeline.Ingest;

/// <summary>The day that a message is counted by: the tenant's own, stamped when it is accepted.</summary>
public sealed class DayOfAcceptanceTests
{
    [Theory]
    [InlineData("2026-03-01T23:59:59Z", null, "2026-03-01")]
    [InlineData("2026-03-01T23:59:59Z", "UTC", "2026-03-01")]
    [InlineData("2026-03-01T18:29:59Z", "Asia/Kolkata", "2026-03-01")]
    [InlineData("2026-03-01T18:30:00Z", "Asia/Kolkata", "2026-03-02")]
    [InlineData("2026-03-01T10:00:00Z", "Pacific/Kiritimati", "2026-03-02")]
    [InlineData("2026-03-01T10:59:59Z", "Pacific/Pago_Pago", "2026-02-28")]
    [InlineData("2026-03-09T03:59:59Z", "America/New_York", "2026-03-08")]
    [InlineData("2026-03-08T04:59:59Z", "America/New_York", "2026-03-07")]
    public async Task A_message_has_the_day_that_its_tenants_clock_shows(string moment, string? zone, string day)
    {
        var log = new FakeRequestLog();
        using var intake = Intake.Over(log, clock: new FakeTimeProvider(DateTimeOffset.Parse(moment, null)));
        var caller = Intake.Caller with { Zone = zone is null ? null : TimeZoneInfo.FindSystemTimeZoneById(zone) };

        Assert.IsType<IngestOutcome.Accepted>(await intake.AcceptAsync(caller, Intake.Request(), default));

        Assert.True(log.Appended.TryDequeue(out var record));
        var message = AcceptedMessage.From(RequestRecord.Parser.ParseFrom(record.Value), record.Value);
        Assert.Equal(DateOnly.ParseExact(day, "yyyy-MM-dd"), message.AcceptedOn);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-2)]
    [InlineData(2)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void A_day_that_no_zone_can_have_is_not_believed(int ahead)
    {
        var accepted = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var today = DateOnly.FromDateTime(accepted.Date);
        var record = new RequestRecord
        {
            MessageId = ByteString.CopyFrom(new MessageId(Guid.CreateVersion7(accepted)).ToBytes()),
            TenantId = ByteString.CopyFrom(Intake.Caller.TenantBytes),
            Recipient = 14155550123,
            Purpose = Purpose.Transactional,
            AcceptedDay = ahead is 0 ? 0 : unchecked(today.DayNumber - new DateOnly(1970, 1, 1).DayNumber + ahead),
        };

        Assert.Equal(today, AcceptedMessage.From(record, []).AcceptedOn);
    }

    [Fact]
    public void A_repeat_on_another_day_is_still_the_same_request()
    {
        var valid = new MessageValidator(TimeProvider.System).Validate(Intake.Caller, Intake.Request(), out _)!;
        var hash = OutgoingRequest.HashOf(valid.Record);
        var id = new MessageId(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()));
        var caller = Intake.Caller with { Zone = TimeZoneInfo.FindSystemTimeZoneById("Pacific/Kiritimati") };

        var sent = OutgoingRequest.Create(caller, valid, id, hash, id.AcceptedAt);

        Assert.NotEqual(0, RequestRecord.Parser.ParseFrom(sent.Kafka.Value).AcceptedDay);
        Assert.Equal(hash, sent.Hash.ToArray());
    }
}
