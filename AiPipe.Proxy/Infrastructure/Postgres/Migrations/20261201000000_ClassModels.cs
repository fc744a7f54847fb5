using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AiPipe.Proxy.Infrastructure.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class ClassModels : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "only_these_models",
                table: "classes",
                type: "boolean",
                nullable: false,
                defaultValue: false);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "only_these_models",
                table: "classes");
        }
    }
}
