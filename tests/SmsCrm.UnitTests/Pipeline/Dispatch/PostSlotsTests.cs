using Microsoft.Extensions.Time.Testing;
using SmsCrm.Pipeline.Dispatch;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.UnitTests.Pipeline.Dispatch;

public sealed class PostSlotsTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void A_tenant_may_hold_all_but_a_quarter()
    {
        var slots = Slots(100);

        Assert.Equal(75, slots.Take(Account(), Purpose.Transactional, 1_000).Count);
        Assert.Equal(25, slots.Take(Account(), Purpose.Transactional, 1_000).Count);
    }

    [Fact]
    public void Marketing_leaves_a_fifth_to_transactional()
    {
        var slots = Slots(100);

        var marketing = slots.Take(Account(), Purpose.Marketing, 1_000).Count + slots.Take(Account(), Purpose.Marketing, 1_000).Count;

        Assert.Equal(80, marketing);
        Assert.Equal(20, slots.Take(Account(), Purpose.Transactional, 1_000).Count);
    }

    [Fact]
    public void Within_an_account_marketing_leaves_a_fifth_too()
    {
        var slots = Slots(1_000, aheadMs: 0);
        var account = Account(maxConcurrency: 10);

        Assert.Equal(8, slots.Take(account, Purpose.Marketing, 100).Count);
        Assert.Equal(2, slots.Take(account, Purpose.Transactional, 100).Count);
    }

    [Fact]
    public void Slots_that_were_not_used_come_back()
    {
        var slots = Slots(100);
        var account = Account();
        slots.Take(account, Purpose.Marketing, 60);

        slots.Return(account, Purpose.Marketing, 60);

        Assert.Equal(0, slots.Taken);
        Assert.Equal(75, slots.Take(account, Purpose.Transactional, 1_000).Count);
    }

    [Fact]
    public async Task A_few_texts_in_a_hundred_that_fail_leave_the_account_its_connections()
    {
        var slots = Slots(1_000, aheadMs: 0, breakerFailures: 5);
        var account = Account();

        for (var i = 0; i < 1_000; i++)
        {
            Assert.Equal(1, slots.Take(account, Purpose.Marketing, 1).Count);
            await slots.Of(account).BeginAsync(Purpose.Marketing, Later);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            slots.End(account, Purpose.Marketing, i % 30 == 29 ? PostSignal.Failed : PostSignal.Answered, _clock.GetTimestamp());
        }

        Assert.InRange(slots.Of(account).Limit, 16, 64);
    }

    [Fact]
    public async Task What_hangs_until_its_deadline_makes_that_less_is_claimed_ahead()
    {
        var slots = Slots(1_000, aheadMs: 250);
        var (quick, hanging) = (Account(), Account());
        await AnswerAsync(slots, quick, Enumerable.Repeat(1, 200));
        await AnswerAsync(slots, hanging, Enumerable.Range(0, 200).Select(i => i % 50 == 49 ? 10_000 : 1));

        Assert.True(slots.Take(quick, Purpose.Transactional, 1_000).Count > 2 * slots.Take(hanging, Purpose.Transactional, 1_000).Count);
    }

    [Fact]
    public async Task An_account_that_fails_shrinks_to_one_and_its_breaker_says_for_how_long()
    {
        var slots = Slots(100, aheadMs: 0, breakerFailures: 10);
        var account = Account();

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(1, slots.Take(account, Purpose.Marketing, 1).Count);
            await slots.Of(account).BeginAsync(Purpose.Marketing, Later);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            slots.End(account, Purpose.Marketing, PostSignal.Failed, _clock.GetTimestamp());
        }

        var grant = slots.Take(account, Purpose.Marketing, 10);
        Assert.Equal(1, slots.Of(account).Limit);
        Assert.Equal(new SlotGrant(0, TimeSpan.FromSeconds(5)), grant);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, slots.Take(account, Purpose.Marketing, 10).Count);
    }

    [Fact]
    public async Task While_one_account_hangs_anothers_slots_are_unmoved()
    {
        var slots = Slots(100);
        var (hanging, well) = (Account(), Account());
        slots.Take(hanging, Purpose.Marketing, 1_000);

        for (var i = 0; i < 1_000; i++)
        {
            Assert.Equal(1, slots.Take(well, Purpose.Marketing, 1).Count);
            await slots.Of(well).BeginAsync(Purpose.Marketing, Later);
            slots.End(well, Purpose.Marketing, PostSignal.Answered, _clock.GetTimestamp());
        }
    }

    [Fact]
    public async Task A_transactional_message_takes_the_next_free_connection()
    {
        var account = new AccountPosts(1, Options(), _clock);
        account.Claim(Purpose.Marketing, 2, out _);
        account.Claim(Purpose.Transactional, 1, out _);
        await account.BeginAsync(Purpose.Marketing, Later);
        var marketing = account.BeginAsync(Purpose.Marketing, Later);
        var transactional = account.BeginAsync(Purpose.Transactional, Later);

        account.End(Purpose.Marketing, PostSignal.Answered, _clock.GetTimestamp());
        await transactional;

        Assert.False(marketing.IsCompleted);
    }

    [Fact]
    public async Task Who_finds_no_free_connection_in_its_time_waits_no_longer_and_its_claim_is_another_ones()
    {
        var account = new AccountPosts(16, Options(aheadMs: 0), _clock);
        Assert.Equal(16, account.Claim(Purpose.Transactional, 16, out _));
        for (var i = 0; i < account.Limit; i++)
        {
            Assert.True(await account.BeginAsync(Purpose.Transactional, Later));
        }

        var late = account.BeginAsync(Purpose.Transactional, _clock.GetTimestamp() + (2 * _clock.TimestampFrequency)).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(1.9));
        var waits = !late.IsCompleted;
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        var begins = await late;
        account.Unclaim(Purpose.Transactional, 1);

        Assert.Equal((true, false), (waits, begins));
        Assert.Equal(1, account.Claim(Purpose.Transactional, 16, out _));
    }

    [Fact]
    public async Task A_connection_that_becomes_free_passes_over_who_has_given_up()
    {
        var account = new AccountPosts(1, Options(), _clock);
        account.Claim(Purpose.Transactional, 3, out _);
        await account.BeginAsync(Purpose.Transactional, Later);
        var gone = account.BeginAsync(Purpose.Transactional, _clock.GetTimestamp()).AsTask();
        Assert.False(await gone);
        var next = account.BeginAsync(Purpose.Transactional, Later).AsTask();

        account.End(Purpose.Transactional, PostSignal.Answered, _clock.GetTimestamp());

        Assert.True(await next);
    }

    [Fact]
    public void Claims_ahead_are_what_the_account_works_off_in_time()
    {
        var account = new AccountPosts(10, Options(aheadMs: 250), _clock);

        // 10 connections, 100 ms an answer (assumed until it is known): 25 more are done within 250 ms.
        Assert.Equal(35, account.Claim(Purpose.Transactional, 1_000, out _));
    }

    private async Task AnswerAsync(PostSlots slots, ProviderAccount account, IEnumerable<int> milliseconds)
    {
        foreach (var taken in milliseconds)
        {
            slots.Take(account, Purpose.Transactional, 1);
            await slots.Of(account).BeginAsync(Purpose.Transactional, Later);
            var began = _clock.GetTimestamp();
            _clock.Advance(TimeSpan.FromMilliseconds(taken));
            slots.End(account, Purpose.Transactional, taken < 10_000 ? PostSignal.Answered : PostSignal.Failed, began);
        }
    }

    private long Later => _clock.GetTimestamp() + (3_600 * _clock.TimestampFrequency);

    private PostSlots Slots(int count, int aheadMs = 1_000, int breakerFailures = 20) => new(Options(count, aheadMs, breakerFailures), _clock);

    private static DispatchOptions Options(int count = 100, int aheadMs = 250, int breakerFailures = 20) =>
        new() { Slots = count, AheadMs = aheadMs, BreakerFailures = breakerFailures, BreakerOpenMs = 5_000 };

    private static ProviderAccount Account(int maxConcurrency = 1_000) => new(
        Guid.CreateVersion7(), new TenantId(Guid.CreateVersion7()), "AC00000000000000000000000000000000", "secret", new Uri("http://localhost"), 1_000, maxConcurrency);
}
