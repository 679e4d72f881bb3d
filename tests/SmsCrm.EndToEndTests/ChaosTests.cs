using SmsCrm.Chaos;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;

namespace SmsCrm.EndToEndTests;

/// <summary>Promises 1 and 2 while everything is killed and the provider misbehaves: the short version of <c>./build.sh chaos</c>.</summary>
[Collection(nameof(Alone))]
public abstract class ChaosTests(KafkaKind kafka)
{
    [Fact]
    public async Task Nothing_is_lost_and_nobody_is_texted_twice_while_every_part_is_killed_and_the_provider_misbehaves()
    {
        var options = new ChaosOptions(
            await TestSystem.NewOptionsAsync(kafka), (PrivatePorts.Next(), PrivatePorts.Next(), PrivatePorts.Next()))
        {
            Seed = TestRun.Seed(),
            Messages = 3_000,
            SendKills = 3,
            ServerKills = 1,
        };

        var result = await ChaosRun.RunAsync(options, TestRun.Say, TestContext.Current.CancellationToken);

        Assert.Equal((3_000, 0, 0, ""), (result.Accepted, result.Lost, result.Twice, result.Imbalance));
    }
}

public sealed class ChaosTests_on_the_embedded_broker() : ChaosTests(KafkaKind.Embedded);

public sealed class ChaosTests_on_a_real_broker : ChaosTests
{
    public ChaosTests_on_a_real_broker()
        : base(KafkaKind.Managed) => Assert.SkipUnless(KafkaHome.IsSet, KafkaHome.WhyNot);
}
