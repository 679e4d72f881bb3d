using Google.Protobuf;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Receipts;

namespace SmsCrm.UnitTests.Pipeline.Receipts;

public sealed class ReceiptReaderTests
{
    private static readonly MessageId Message = new(new Guid("01890000-0000-7000-8000-000000000002"));
    private static readonly TenantId Tenant = new(new Guid("01890000-0000-7000-8000-000000000001"));

    [Fact]
    public void A_callback_becomes_a_receipt()
    {
        var receipt = Read(Callback());

        Assert.True(ProviderSid.TryParse("SM0123456789abcdef0123456789abcdef", out var sid));
        Assert.Equal(
            new ReceiptEntry(Message, Tenant, 1, sid, "undelivered", 30003, new DateTimeOffset(2026, 11, 25, 4, 30, 0, TimeSpan.Zero), new PhoneNumber(14155550123)),
            receipt);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2611250430x")]
    [InlineData("2613450430")]
    public void A_time_that_cannot_be_read_is_left_out(string raw)
    {
        var callback = Callback();
        callback.RawDlrDoneDate = raw;

        Assert.Null(Read(callback).ProviderAt);
    }

    [Fact]
    public void A_callback_without_a_recipient_has_none()
    {
        var callback = Callback();
        callback.Recipient = 0;

        Assert.Null(Read(callback).Recipient);
    }

    [Fact]
    public void What_cannot_be_used_names_its_field()
    {
        AssertUnusable("message_id", callback => callback.MessageId = ByteString.CopyFrom(1, 2, 3));
        AssertUnusable("tenant_id", callback => callback.TenantId = ByteString.Empty);
        AssertUnusable("message_sid", callback => callback.MessageSid = "SM1");
        AssertUnusable("attempt", callback => callback.Attempt = 0);
        AssertUnusable("status", callback => callback.Status = "");
        Assert.Contains("event", Assert.Throws<FormatException>(() => ReceiptReader.Read(new EventRecord().ToByteArray())).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => ReceiptReader.Read([0xff, 0xff, 0xff]));
    }

    private static void AssertUnusable(string field, Action<StatusCallback> damage)
    {
        var callback = Callback();
        damage(callback);
        Assert.StartsWith(field, Assert.Throws<FormatException>(() => Read(callback)).Message, StringComparison.Ordinal);
    }

    private static ReceiptEntry Read(StatusCallback callback) => ReceiptReader.Read(new EventRecord { Status = callback }.ToByteArray());

    private static StatusCallback Callback() => new()
    {
        MessageId = ByteString.CopyFrom(Message.ToBytes()),
        TenantId = ByteString.CopyFrom(Tenant.ToBytes()),
        Attempt = 1,
        AccountSid = "AC1",
        MessageSid = "SM0123456789abcdef0123456789abcdef",
        Status = "undelivered",
        ErrorCode = 30003,
        RawDlrDoneDate = "2611250430",
        Recipient = 14155550123,
    };
}
