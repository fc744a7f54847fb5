using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AiPipe.Proxy.Infrastructure.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class DailySpendEntries : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "entries",
                table: "daily_spend",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "entries",
                table: "daily_spend");
        }
    }
}
