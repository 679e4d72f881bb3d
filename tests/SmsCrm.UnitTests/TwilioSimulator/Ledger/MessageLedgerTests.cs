using SmsCrm.TwilioSimulator;
using SmsCrm.TwilioSimulator.Api;
using SmsCrm.TwilioSimulator.Ledger;
using SmsCrm.TwilioSimulator.Senders;

namespace SmsCrm.UnitTests.TwilioSimulator.Ledger;

public sealed class MessageLedgerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ledger").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Everything_is_there_again_after_a_restart()
    {
        string sent, redacted, deleted;
        using (var open = Open("restart"))
        {
            sent = open.Take("+14155550101", "Hi", "https://example.com/?message=m1");
            open.Ledger.Advance(0, MessageStatus.Sent, 0, 5000);
            redacted = open.Take("+14155550102", "Secret");
            open.Ledger.Advance(1, MessageStatus.Failed, 30008, 6000);
            open.Ledger.Redact(1, 7000);
            deleted = open.Take("+14155550103", "Gone");
            open.Ledger.Advance(2, MessageStatus.Sent, 0, 5000);
            open.Ledger.Delete(2, 7000);
        }

        using var again = Open("restart");
        var first = again.Ledger.Find(sent)!;
        Assert.Equal((MessageStatus.Sent, 5000, "Hi", "+14155550100"), (first.Status, first.SentMs, first.Body, first.From));
        Assert.Equal(1 << (int)MessageStatus.Sent, first.OwedCallbacks);
        var second = again.Ledger.Find(redacted)!;
        Assert.Equal((MessageStatus.Failed, 30008, ""), (second.Status, second.ErrorCode, second.Body));
        Assert.True(again.Ledger.Find(deleted)!.IsDeleted);
        Assert.Equal([0, 2], again.Ledger.Unfinished());
        Assert.Equal(3, again.Ledger.Counts().Taken);
    }

    [Fact]
    public void A_settled_callback_is_owed_no_more()
    {
        using (var open = Open("settled"))
        {
            open.Take("+14155550101", "Hi", "https://example.com/");
            open.Ledger.Advance(0, MessageStatus.Delivered, 0, 5000);
            open.Ledger.SettleCallback(0, MessageStatus.Delivered);
        }

        using var again = Open("settled");
        Assert.Empty(again.Ledger.Unfinished());
    }

    [Fact]
    public void Repeats_are_counted_by_recipient_and_text_and_by_the_callers_id()
    {
        using var open = Open("repeats");
        open.Take("+14155550101", "Hi", "https://example.com/?message=m1");
        open.Take("+14155550101", "Hi", "https://example.com/?message=m2");
        open.Take("+14155550101", "Other", "https://example.com/?message=m2");
        open.Take("+14155550102", "Hi", "https://example.com/?message=m2");

        var counts = open.Ledger.Counts();
        Assert.Equal((3, 1), (counts.ByRecipientAndBody.Distinct, counts.ByRecipientAndBody.Repeated));
        Assert.Equal((2, 2), (counts.ByMessageId.Distinct, counts.ByMessageId.Repeated));
        Assert.Equal((0, 1), (counts.ByRecipientAndBody.Sample[0].First.Index, counts.ByRecipientAndBody.Sample[0].Repeat.Index));
        Assert.Equal("+14155550101", open.Ledger.FindByOwnId("m1")!.Taken.To);
        Assert.Null(open.Ledger.FindByOwnId("m3"));
        Assert.Equal([2, 1, 0], open.Ledger.FindByRecipient("+14155550101", 10).Select(message => message.Index));
    }

    [Fact]
    public void A_final_status_stays()
    {
        using var open = Open("final");
        open.Take("+14155550101", "Hi");

        Assert.True(open.Ledger.Advance(0, MessageStatus.Sent, 0, 5000));
        Assert.True(open.Ledger.Advance(0, MessageStatus.Delivered, 0, 6000));
        Assert.False(open.Ledger.Advance(0, MessageStatus.Undelivered, 30003, 7000));
        Assert.Equal(1, open.Ledger.Counts().ByStatus[(int)MessageStatus.Delivered]);
    }

    [Fact]
    public void Only_this_ledgers_sids_are_found()
    {
        using var open = Open("sids");
        using var other = Open("others");
        var sid = open.Take("+14155550101", "Hi");
        other.Take("+14155550101", "Hi");

        Assert.NotNull(open.Ledger.Find(sid));
        Assert.Null(other.Ledger.Find(sid));
        Assert.Null(open.Ledger.Find("MM" + sid[2..]));
        Assert.Null(open.Ledger.Find(sid[..33] + (sid[33] == '0' ? '1' : '0')));
        Assert.Null(open.Ledger.Find("SM12"));
    }

    [Fact]
    public void Emptied_it_has_nothing_and_knows_no_old_sid()
    {
        using var open = Open("emptied");
        var sid = open.Take("+14155550101", "Hi");
        open.Ledger.Clear();

        Assert.Null(open.Ledger.Find(sid));
        Assert.Equal(0, open.Ledger.Counts().Taken);
        Assert.NotEqual(sid, open.Take("+14155550101", "Hi"));
    }

    private OpenLedger Open(string name) => new(Path.Combine(_folder, name));

    private sealed class OpenLedger : IDisposable
    {
        private readonly AccountBook _accounts = new();
        private readonly SenderBook _senders = new();
        private readonly Account _account;

        public OpenLedger(string path)
        {
            _account = _accounts.Put(SimulatedAccount.Demo);
            Ledger = MessageLedger.Open(path, _accounts, _senders, "message", out _);
        }

        public MessageLedger Ledger { get; }

        public string Take(string to, string body, string? callback = null)
        {
            var message = new TakenMessage
            {
                AccountSid = SimulatedAccount.DemoSid,
                Direction = Direction.Outbound,
                To = to,
                From = "+14155550100",
                Body = body,
                StatusCallback = callback,
                Status = MessageStatus.Queued,
                Segments = 1,
                CreatedMs = 1000,
            };
            return Ledger.Take(message, _account, _senders.Find(_account.Number, "+14155550100")).Sid;
        }

        public void Dispose() => Ledger.Dispose();
    }
}
