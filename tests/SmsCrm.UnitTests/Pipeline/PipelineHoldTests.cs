using SmsCrm.Pipeline;

namespace SmsCrm.UnitTests.Pipeline;

public sealed class PipelineHoldTests
{
    private readonly PipelineHold _hold = new();

    [Fact]
    public async Task It_holds_until_every_reason_is_over()
    {
        _hold.Hold(HoldReason.RedisAway);
        _hold.Hold(HoldReason.PostgresAway);
        var waiting = _hold.WaitUntilOpenAsync(CancellationToken.None);

        _hold.Release(HoldReason.RedisAway);
        Assert.False(waiting.IsCompleted);
        Assert.Equal([HoldReason.PostgresAway], _hold.Reasons);
        _hold.Release(HoldReason.PostgresAway);

        await waiting.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void It_is_open_at_first_and_after_each_hold()
    {
        Assert.True(_hold.WaitUntilOpenAsync(CancellationToken.None).IsCompleted);
        Assert.True(_hold.Hold(HoldReason.RedisAway));
        Assert.False(_hold.Hold(HoldReason.RedisAway));
        Assert.True(_hold.Release(HoldReason.RedisAway));
        Assert.False(_hold.Release(HoldReason.RedisAway));
        Assert.True(_hold.WaitUntilOpenAsync(CancellationToken.None).IsCompleted);
    }
}
