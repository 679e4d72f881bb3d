// Code that breaks the rules on layers. Never run: ArchitectureTests sees that each is reported.
#pragma warning disable CA1812, CA1823, IDE0051, IDE0052

namespace SmsCrm.Pipeline.Dispatch.Violations
{
    internal sealed class Slots
    {
        public static int Free() => 1;
    }
}

namespace SmsCrm.Pipeline.Waiting.Violations
{
    internal sealed class Rooms_WaitingUsesDispatch
    {
        public static async Task<int> FreeAsync()
        {
            await Task.Yield();
            return SmsCrm.Pipeline.Dispatch.Violations.Slots.Free();
        }
    }
}

namespace SmsCrm.Pipeline.Ledger.Violations
{
    internal sealed class Floor_LedgerUsesDispatch
    {
        public static Func<int> Free => SmsCrm.Pipeline.Dispatch.Violations.Slots.Free;
    }
}

namespace SmsCrm.Pipeline.Gates.Violations
{
    internal sealed class Clock;

    internal sealed class GatesSeeMessages_AsksPostgres
    {
        public static Npgsql.NpgsqlConnection Open() => new("Host=127.0.0.1");
    }
}

namespace SmsCrm.Pipeline.Violations
{
    internal sealed class OneSeesSeveral_Shortcut
    {
        public static object[] All() => [new SmsCrm.Pipeline.Dispatch.Violations.Slots(), new SmsCrm.Pipeline.Gates.Violations.Clock()];
    }
}

namespace SmsCrm.Reporting.Violations
{
    internal sealed class Report;
}

namespace SmsCrm.Crm.Violations
{
    internal sealed class Layers_CrmUsesReporting
    {
        public static object Make() => new List<SmsCrm.Reporting.Violations.Report>();
    }
}

namespace SmsCrm.Streams.Violations
{
    internal sealed class Layers_StreamsUsesPipeline
    {
        public static void Take(SmsCrm.Pipeline.Dispatch.Violations.Slots slots) => ArgumentNullException.ThrowIfNull(slots);
    }
}

namespace SmsCrm.TwilioSimulator.Violations
{
    internal sealed class Layers_SimulatorUsesContracts
    {
        public static string Name => typeof(SmsCrm.Contracts.V1.SendRequest).Name;
    }

    internal sealed class TwilioInProvider_SimulatorUsesThePackage
    {
        public static Type Type => typeof(Twilio.Http.HttpClient);
    }
}

namespace SmsCrm.Pipeline.Receipts.Violations
{
    internal sealed class KafkaInStreams_ReceiptsUsesTheClient
    {
        private readonly Confluent.Kafka.IConsumer<byte[], byte[]>? _consumer = null;

        public bool IsThere => _consumer is not null;
    }

    internal sealed class NoDapperOnTheHotPath_Receipts
    {
        public static Task<int> CountAsync(Npgsql.NpgsqlConnection connection) =>
            Dapper.SqlMapper.ExecuteAsync(connection, "SELECT 1");
    }
}
