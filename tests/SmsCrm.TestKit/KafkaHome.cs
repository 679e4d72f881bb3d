namespace SmsCrm.TestKit;

/// <summary>The real broker that tests whose class ends in <c>_on_a_real_broker</c> run on.</summary>
public static class KafkaHome
{
    /// <summary>For <c>Assert.SkipUnless(KafkaHome.IsSet, KafkaHome.WhyNot)</c>.</summary>
    public const string WhyNot = "KAFKA_HOME is not set: there is no real broker to run on";

    public static string Folder => Environment.GetEnvironmentVariable("KAFKA_HOME") ?? "";

    public static bool IsSet => Folder.Length > 0;
}
